"""Who gets which lead."""

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None: ...


def downgrade() -> None: ...
