"""When managers were last told how many leads wait without an owner."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("distribution_setting", sa.Column("waiting_told_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("distribution_setting", "waiting_told_on")
