"""Alembic's entry: leadcrm/core/migrate.py hands it a connection that already acts as the owner."""

from alembic import context

from leadcrm.app import load_models
from leadcrm.core.db import Base

load_models()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
