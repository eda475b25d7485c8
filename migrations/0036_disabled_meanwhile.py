"""Who is disabled between the two reads that open a session is nobody, as who was disabled before them."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

# Each statement of the function sees what is committed by then: the session may still be live in the first, and its
# holder gone in the second.
ASKS = "opened.id IS NULL OR (NOT newest"
ASKS_MORE = "opened.id IS NULL OR who.user_id IS NULL OR (NOT newest"


def upgrade() -> None:
    reword(ASKS, ASKS_MORE)


def downgrade() -> None:
    reword(ASKS_MORE, ASKS)


def reword(words: str, instead: str) -> None:
    """The function that opens a session as it stands, with other words in one place."""
    asked = "SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.proname = 'auth_open_session'"
    definition = op.get_bind().exec_driver_sql(asked).scalar_one()
    if definition.count(words) != 1:
        raise RuntimeError(f"auth_open_session has {words!r} not once")
    op.get_bind().exec_driver_sql(definition.replace(words, instead))
