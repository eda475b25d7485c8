"""What people hear, and how they want to hear it."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

EVERYBODY = "leadcrm_own, leadcrm_company, leadcrm_none, leadcrm_all"
UNREAD = sa.text("read_at IS NULL")
WAITS = sa.text("waits_for IS NOT NULL")

# Telling somebody adds a row that who tells may not see. Whoever works in a company tells its people only; who has no
# company (a client's upload, an admin) and jobs tell anybody. The same thing again, unread still, is counted.
FUNCTIONS = """
CREATE FUNCTION notifications_tell(
  person uuid, what text, topic text, dutch text, english text, address text, usual text)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  office uuid;
  way text;
  leaving text;
BEGIN
  SELECT u.company_id INTO office FROM auth_user u
  WHERE u.id = person AND u.active
    AND (current_setting('role') IN ('leadcrm_none', 'leadcrm_all')
         OR u.company_id = nullif(current_setting('app.company', true), '')::uuid);
  IF office IS NULL THEN
    RETURN 'never';
  END IF;
  SELECT w.way INTO way FROM notifications_wish w
  WHERE w.company_id = office AND w.user_id = person AND w.kind = what;
  way := coalesce(way, usual);
  leaving := CASE WHEN way IN ('mail', 'digest') THEN way END;
  IF way = 'never' THEN
    RETURN way;
  END IF;
  UPDATE notifications_news n SET times = n.times + 1, at = clock_timestamp(), nl = dutch, en = english, url = address,
    waits_for = leaving
  WHERE topic <> '' AND n.id = (
    SELECT same.id FROM notifications_news same
    WHERE same.company_id = office AND same.user_id = person AND same.kind = what AND same.about = topic
      AND same.read_at IS NULL
    ORDER BY same.at DESC LIMIT 1);
  IF NOT FOUND THEN
    INSERT INTO notifications_news (company_id, id, user_id, at, kind, about, nl, en, url, times, waits_for)
    VALUES (office, gen_random_uuid(), person, clock_timestamp(), what, topic, dutch, english, address, 1, leaving);
  END IF;
  RETURN way;
END
$$;

-- For the bell of every page; looks no further than it can show.
CREATE FUNCTION notifications_unread(company uuid, person uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*)::integer FROM (
    SELECT 1 FROM notifications_news n
    WHERE n.company_id = company AND n.user_id = person AND n.read_at IS NULL LIMIT 100) AS unread
$$;
"""

MAY_CALL = {
    "notifications_tell(uuid, text, text, text, text, text, text)": EVERYBODY,
    "notifications_unread(uuid, uuid)": "leadcrm_app, leadcrm_worker",
}


def upgrade() -> None:
    op.create_table(
        "notifications_news",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("nl", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits_for", sa.String(length=6), nullable=True),
        *of_user("notifications_news"),
    )
    index = op.create_index
    index(op.f("ix_notifications_news_at"), "notifications_news", ["at"])
    index(op.f("ix_notifications_news_company_id_user_id_at_id"), "notifications_news",
          ["company_id", "user_id", "at", "id"])  # fmt: skip
    index(op.f("ix_notifications_news_user_id_kind_about"), "notifications_news", ["user_id", "kind", "about"],
          postgresql_where=UNREAD)  # fmt: skip
    index(op.f("ix_notifications_news_waits_for_user_id"), "notifications_news", ["waits_for", "user_id"],
          postgresql_where=WAITS)  # fmt: skip
    op.create_table(
        "notifications_wish",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("way", sa.String(length=6), nullable=False),
        *of_user("notifications_wish"),
        sa.UniqueConstraint("company_id", "user_id", "kind", name="uq_notifications_wish_company_id_user_id_kind"),
    )
    op.create_table(
        "notifications_rhythm",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("digest_on", sa.Date(), nullable=True),
        *of_user("notifications_rhythm"),
        sa.UniqueConstraint("company_id", "user_id", name=op.f("uq_notifications_rhythm_company_id_user_id")),
    )
    run(FUNCTIONS)
    for function, roles in MAY_CALL.items():
        run(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {function} TO {roles}")


def of_user(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"],
            name=op.f(f"fk_{table}_company_id_user_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
    )  # fmt: skip


def run(statements: str) -> None:
    """Several statements at once, percent signs as they are."""
    op.get_bind().connection.cursor().execute(statements)


def downgrade() -> None:
    op.execute("DROP FUNCTION notifications_tell, notifications_unread")
    for table in ("rhythm", "wish", "news"):
        op.drop_table(f"notifications_{table}")
