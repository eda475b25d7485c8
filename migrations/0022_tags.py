"""Tags of leads."""

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None: ...


def downgrade() -> None: ...
