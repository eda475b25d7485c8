"""Opening a session finds one row, and PostgreSQL is told so: otherwise it expects a million, finds the plan that it
keeps for a prepared statement too dear, and makes a new one for every request."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

ONE_ROW = ("auth_open_session", "auth_glass_of")
USUAL = 1000


def upgrade() -> None:
    for function in ONE_ROW:
        op.execute(f"ALTER FUNCTION {function} ROWS 1")


def downgrade() -> None:
    for function in ONE_ROW:
        op.execute(f"ALTER FUNCTION {function} ROWS {USUAL}")
