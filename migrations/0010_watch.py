"""Incidents, alerts, and a trail that its owner cannot change either."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

EVERYBODY = "leadcrm_own, leadcrm_company, leadcrm_none, leadcrm_all"
MAINTENANCE = "leadcrm_all"

FUNCTIONS = """
-- The same thing told again within the hour is counted, so that a flood of it stays one row. True when it is new.
CREATE FUNCTION core_notice_add(company uuid, what text, topic text, dutch text, english text, address text)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('core_notice ' || company || what || ' ' || topic, 0));
  UPDATE core_notice n SET times = n.times + 1 WHERE n.id = (
    SELECT same.id FROM core_notice same
    WHERE same.company_id = company AND same.kind = what AND same.about = topic
      AND same.at > clock_timestamp() - interval '1 hour'
    ORDER BY same.at DESC LIMIT 1);
  IF FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO core_notice (company_id, id, at, kind, about, nl, en, url, times)
  VALUES (company, gen_random_uuid(), clock_timestamp(), what, topic, dutch, english, address, 1);
  RETURN true;
END
$$;

-- Who signed in with everything that was asked, and from which network: no more of a session than that.
CREATE FUNCTION watch_sign_ins(since timestamptz) RETURNS TABLE (
  at timestamptz, company_id uuid, user_id uuid, prefix text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.created_at, s.company_id, s.user_id, s.address_prefix::text FROM auth_session s
  WHERE s.created_at >= since AND s.auth_level = 2
  ORDER BY s.created_at DESC LIMIT 20000
$$;

CREATE FUNCTION watch_forget(failures_before timestamptz, incidents_before timestamptz, notices_before timestamptz)
RETURNS TABLE (failures bigint, incidents bigint, notices bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH f AS (DELETE FROM auth_failed_login WHERE at < failures_before RETURNING 1),
       i AS (DELETE FROM watch_incident WHERE last_at < incidents_before RETURNING 1),
       n AS (DELETE FROM core_notice WHERE at < notices_before RETURNING id),
       s AS (DELETE FROM core_notice_seen WHERE notice_id IN (SELECT id FROM n) RETURNING 1)
  SELECT (SELECT count(*) FROM f), (SELECT count(*) FROM i), (SELECT count(*) FROM n)
$$;

CREATE FUNCTION trail_heads() RETURNS TABLE (company_id uuid, seq bigint, mac bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT h.company_id, h.seq, h.mac FROM core_audit_head h ORDER BY h.company_id
$$;
"""

# Lines are frozen since 0001. The end of a chain only moves on. A sealed value may go (erasure) or be sealed anew
# (rotation), but never all at once.
TRIGGERS = """
CREATE FUNCTION core_audit_onward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.company_id = OLD.company_id AND NEW.seq >= OLD.seq THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the end of an audit chain only moves on';
END
$$;
CREATE TRIGGER core_audit_onward BEFORE UPDATE OR DELETE ON core_audit_head
  FOR EACH ROW EXECUTE FUNCTION core_audit_onward();
CREATE TRIGGER core_audit_onward_all BEFORE TRUNCATE ON core_audit_head
  FOR EACH STATEMENT EXECUTE FUNCTION core_audit_onward();
CREATE TRIGGER core_audit_frozen BEFORE TRUNCATE ON core_audit_value
  FOR EACH STATEMENT EXECUTE FUNCTION core_audit_frozen();
"""

MAY_CALL = {
    "core_notice_add(uuid, text, text, text, text, text)": EVERYBODY,
    "watch_sign_ins(timestamptz)": MAINTENANCE,
    "watch_forget(timestamptz, timestamptz, timestamptz)": MAINTENANCE,
    "trail_heads()": MAINTENANCE,
}


def upgrade() -> None:
    failed_logins()
    notices()
    incidents()
    op.create_table(
        "trail_setting",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        *company_row("trail_setting"),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_trail_setting_company_id_key")),
    )
    run(FUNCTIONS)
    run(TRIGGERS)
    for function, roles in MAY_CALL.items():
        run(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {function} TO {roles}")


def failed_logins() -> None:
    """The network beside the address: rules and lists group by it."""
    op.add_column("auth_failed_login", sa.Column("prefix", sa.String(length=49), server_default="", nullable=False))
    run("""
        UPDATE auth_failed_login SET prefix = text(network(set_masklen(address::inet,
          CASE family(address::inet) WHEN 4 THEN 24 ELSE 64 END))) WHERE address <> ''
    """)


def notices() -> None:
    op.create_table(
        "core_notice",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("nl", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        *company_row("core_notice"),
    )
    op.create_index(op.f("ix_core_notice_company_id_at_id"), "core_notice", ["company_id", "at", "id"])
    op.create_index(op.f("ix_core_notice_at_id"), "core_notice", ["at", "id"])
    op.create_table(
        "core_notice_seen",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        *company_row("core_notice_seen"),
    )
    unique = op.f("ix_core_notice_seen_user_id_notice_id")
    op.create_index(unique, "core_notice_seen", ["user_id", "notice_id"], unique=True)


def incidents() -> None:
    op.create_table(
        "watch_incident",
        sa.Column("pattern", sa.String(length=13), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.Column("networks", sa.Integer(), nullable=False),
        sa.Column("wider", sa.Boolean(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=11), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        *company_row("watch_incident"),
    )
    op.create_index(op.f("ix_watch_incident_company_id_last_at_id"), "watch_incident", ["company_id", "last_at", "id"])
    op.create_index(op.f("ix_watch_incident_last_at_id"), "watch_incident", ["last_at", "id"])
    op.create_index(
        "uq_watch_incident_going_on", "watch_incident", ["company_id", "pattern", "about"], unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "watch_reader",
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest_on", sa.Date(), nullable=True),
        *company_row("watch_reader"),
    )


def company_row(table: str) -> tuple[sa.Column[object], sa.Column[object], sa.PrimaryKeyConstraint]:
    return (
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
    )


def run(statements: str) -> None:
    """Several statements at once, percent signs as they are."""
    op.get_bind().connection.cursor().execute(statements)


def downgrade() -> None:
    run("""
        DROP TRIGGER core_audit_frozen ON core_audit_value;
        DROP TRIGGER core_audit_onward_all ON core_audit_head;
        DROP TRIGGER core_audit_onward ON core_audit_head;
        DROP FUNCTION core_audit_onward;
    """)
    for function in reversed(MAY_CALL):
        run(f"DROP FUNCTION {function}")
    for table in ("watch_reader", "watch_incident", "core_notice_seen", "core_notice", "trail_setting"):
        op.drop_table(table)
    op.drop_column("auth_failed_login", "prefix")
