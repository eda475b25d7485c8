"""Fields of a company's own."""

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None: ...


def downgrade() -> None: ...
