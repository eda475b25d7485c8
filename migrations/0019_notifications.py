"""What people hear, and how they want to hear it."""

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None: ...


def downgrade() -> None: ...
