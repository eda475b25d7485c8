"""Lists of addresses that may sign in, and what browsers reported against the policy of our pages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import CIDR

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LOGINS = "leadcrm_app, leadcrm_worker"  # for the statement that opens a session
EVERYBODY = "leadcrm_own, leadcrm_company, leadcrm_none, leadcrm_all"

# Both lists must match when both are set; one without ranges is not set. Nobody can say where from: no list admits it.
FUNCTIONS = """
CREATE FUNCTION addresses_admit(company uuid, person uuid, address inet) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(bool_and(list.admits), true) FROM (
    SELECT bool_or(coalesce(address <<= r.network, false)) AS admits FROM addresses_range r
    WHERE r.company_id = company AND (r.user_id IS NULL OR r.user_id = person) GROUP BY r.user_id) list
$$;
REVOKE ALL ON FUNCTION addresses_admit(uuid, uuid, inet) FROM PUBLIC;

-- Counts what was reported; true when it is new. Bounded: full of other things, and younger than a month, it stays out.
CREATE FUNCTION core_report_note(which text, what text, whereabouts text, most integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE core_report r SET times = least(r.times + 1, 1000000), last_at = now()
  WHERE r.directive = which AND r.blocked = what AND r.page = whereabouts;
  IF FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM core_report r WHERE r.last_at < now() - interval '30 days';
  IF (SELECT count(*) FROM core_report) >= most THEN
    RETURN false;
  END IF;
  INSERT INTO core_report (directive, blocked, page, times, last_at)
  VALUES (left(which, 40), left(what, 100), left(whereabouts, 100), 1, now()) ON CONFLICT DO NOTHING;
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION core_report_note(text, text, text, integer) FROM PUBLIC;

CREATE FUNCTION core_reports_since(days integer) RETURNS TABLE (
  directive text, blocked text, page text, times integer, last_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.directive, r.blocked, r.page, r.times, r.last_at FROM core_report r
  WHERE r.last_at > now() - make_interval(days => days) ORDER BY r.times DESC LIMIT 20
$$;
REVOKE ALL ON FUNCTION core_reports_since(integer) FROM PUBLIC;
"""
MAY_CALL = {
    "addresses_admit(uuid, uuid, inet)": f"{LOGINS}, {EVERYBODY}",
    "core_report_note(text, text, text, integer)": EVERYBODY,
    "core_reports_since(integer)": "leadcrm_all",
}


def upgrade() -> None:
    op.create_table(
        "addresses_range",
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("network", CIDR(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_addresses_range_company_id")),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"],
            name=op.f("fk_addresses_range_company_id_user_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_addresses_range")),
        sa.UniqueConstraint(
            "company_id", "user_id", "network", name=op.f("uq_addresses_range_company_id_user_id_network"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "core_report",
        sa.Column("directive", sa.String(length=40), nullable=False),
        sa.Column("blocked", sa.String(length=100), nullable=False),
        sa.Column("page", sa.String(length=100), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("directive", "blocked", "page", name=op.f("pk_core_report")),
    )
    op.get_bind().connection.cursor().execute(FUNCTIONS)
    for function, roles in MAY_CALL.items():
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {roles}")


def downgrade() -> None:
    for function in MAY_CALL:
        op.execute(f"DROP FUNCTION {function}")
    op.drop_table("core_report")
    op.drop_table("addresses_range")
