"""Alembic's entry: leadcrm/core/migrate.py hands it a connection that already acts as the owner."""

from alembic import context

import leadcrm.app  # noqa: F401  (loads the models of every plugin)
from leadcrm.core.db import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
