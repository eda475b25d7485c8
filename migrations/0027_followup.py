"""Calls, tasks and appointments."""

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None: ...


def downgrade() -> None: ...
