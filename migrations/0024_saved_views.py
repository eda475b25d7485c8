"""Lists that people keep."""

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None: ...


def downgrade() -> None: ...
