"""Break-glass access, auditors, rights that end, and the last admin."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PLATFORM = "00000000-0000-4000-8000-000000000001"
LOGINS = "leadcrm_app, leadcrm_worker"
EVERYBODY = "leadcrm_own, leadcrm_company, leadcrm_none, leadcrm_all"
DEFINER = "SECURITY DEFINER SET search_path = public, pg_temp"

ACCOUNTS = f"""
CREATE FUNCTION auth_today() RETURNS date LANGUAGE sql STABLE AS $$
  SELECT (now() AT TIME ZONE 'Europe/Amsterdam')::date
$$;

-- Every way in asks this: an account that is on, within the days for which it was given.
CREATE FUNCTION auth_account_on(person auth_user) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT person.active AND coalesce(person.starts_on <= auth_today(), true)
                       AND coalesce(person.ends_on >= auth_today(), true)
$$;

-- A fellow manager is helped back in by an admin only: with a link or a fresh second factor one could become them.
-- Who never joined has nothing yet that could be taken over.
CREATE FUNCTION auth_may_help(person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT current_setting('role') <> 'leadcrm_company' OR NOT EXISTS (
    SELECT 1 FROM auth_user u WHERE u.id = person AND u.role = 'companymanager' AND u.joined_at IS NOT NULL)
$$;

CREATE OR REPLACE FUNCTION auth_may_manage(company uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('app.read_only', true), '') IS NULL AND CASE current_setting('role')
    WHEN 'leadcrm_all' THEN true
    WHEN 'leadcrm_company' THEN company = nullif(current_setting('app.company', true), '')::uuid
    WHEN 'leadcrm_none' THEN nullif(current_setting('app.company', true), '')::uuid = '{PLATFORM}'
  END, false)
$$;

-- Two admins who disable each other at once: the second waits here, and then counts without the first.
CREATE FUNCTION auth_keep_an_admin() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('auth_keep_an_admin', 0));
  IF NOT EXISTS (SELECT 1 FROM auth_user u WHERE u.role = 'admin' AND u.active AND u.ends_on IS NULL) THEN
    RAISE EXCEPTION 'somebody must remain who administers'
      USING ERRCODE = 'check_violation', TABLE = 'auth_user', CONSTRAINT = 'ck_auth_user_last_admin';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER auth_keep_an_admin AFTER UPDATE OF active, role, ends_on, starts_on ON auth_user FOR EACH ROW
  WHEN (OLD.role = 'admin' AND OLD.active AND OLD.ends_on IS NULL
        AND NOT (NEW.role = 'admin' AND NEW.active AND NEW.ends_on IS NULL))
  EXECUTE FUNCTION auth_keep_an_admin();
"""  # noqa: S608  our own words

GLASS = f"""
-- Into which company the holder of a session looks just now. Asked at the start of every request: what has ended has
-- ended by then.
CREATE FUNCTION auth_glass_of(session uuid) RETURNS TABLE (
  glass_id uuid, glass_company uuid, glass_company_name text, glass_ends_at timestamptz, glass_reveals boolean)
LANGUAGE sql STABLE {DEFINER} AS $$
  SELECT g.id, g.company_id, c.name, g.ends_at, g.reveals
  FROM auth_glass g JOIN auth_company c ON c.id = g.company_id AND c.active
  JOIN auth_user u ON u.id = g.user_id AND u.role = 'admin'
  WHERE g.session_id = session AND g.ended_at IS NULL AND g.ends_at > clock_timestamp()
  ORDER BY g.started_at DESC LIMIT 1
$$;

-- By who broke it, a manager of the company, or maintenance. True once.
CREATE FUNCTION auth_end_glass(ident uuid) RETURNS boolean LANGUAGE sql VOLATILE {DEFINER} AS $$
  WITH ended AS (
    UPDATE auth_glass g SET ended_at = least(clock_timestamp(), g.ends_at)
    WHERE g.id = ident AND g.ended_at IS NULL AND (g.user_id = auth_caller() OR auth_may_manage(g.company_id))
    RETURNING g.id)
  SELECT EXISTS (SELECT 1 FROM ended)
$$;

-- Those whose time is over, or whose session is: told once each.
CREATE FUNCTION auth_close_glass() RETURNS TABLE (id uuid) LANGUAGE sql VOLATILE {DEFINER} AS $$
  UPDATE auth_glass g SET ended_at = least(clock_timestamp(), g.ends_at)
  WHERE g.ended_at IS NULL AND (g.ends_at <= clock_timestamp() OR NOT EXISTS (
    SELECT 1 FROM auth_session s WHERE s.id = g.session_id AND s.revoked_at IS NULL AND s.expires_at > now()))
  RETURNING g.id
$$;
"""  # noqa: S608  our own words

# Functions of earlier migrations ask more now; the words are replaced in each as it stands.
ASK_MORE = (
    (r"auth_.*", r"\mu\.active\M", "auth_account_on(u)"),
    ("auth_described", r"g\.user_id = u\.id\)", "g.user_id = u.id AND coalesce(g.ends_on >= auth_today(), true))"),
    (r"auth_(make_link|reset_.*)", r"auth_may_manage\((u\.)?company_id\)",
     r"(auth_may_manage(\1company_id) AND auth_may_help(person))"),
)
ASK_LESS = (
    (r"auth_.*", r"auth_account_on\(u\)", "u.active"),
    ("auth_described", r" AND coalesce\(g\.ends_on >= auth_today\(\), true\)", ""),
    (r"auth_(make_link|reset_.*)", r"\(auth_may_manage\((u\.)?company_id\) AND auth_may_help\(person\)\)",
     r"auth_may_manage(\1company_id)"),
)
AUDITS_END = (
    "role <> 'auditor' OR (starts_on IS NOT NULL AND ends_on IS NOT NULL AND ends_on >= starts_on "
    "AND ends_on - starts_on <= 366)"
)


def upgrade() -> None:
    op.add_column("auth_user", sa.Column("starts_on", sa.Date(), nullable=True))
    op.add_column("auth_user", sa.Column("ends_on", sa.Date(), nullable=True))
    op.add_column("auth_grant", sa.Column("ends_on", sa.Date(), nullable=True))
    op.create_check_constraint("audits_end", "auth_user", AUDITS_END)
    op.create_check_constraint("platform_stays", "auth_company", f"active OR id <> '{PLATFORM}'")
    glass_table()
    run(ACCOUNTS)
    run(GLASS)
    for functions, words, instead in ASK_MORE:
        replace_words(functions, words, instead)
    closed_but_for(LOGINS, "auth_glass_of(uuid)")
    closed_but_for(EVERYBODY, "auth_end_glass(uuid)")
    closed_but_for("leadcrm_all", "auth_close_glass()")
    closed_but_for("leadcrm_owner", "auth_today()", "auth_account_on(auth_user)", "auth_may_help(uuid)",
                   "auth_keep_an_admin()")


def glass_table() -> None:
    op.create_table(
        "auth_glass",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("minutes", sa.String(length=2), nullable=False),
        sa.Column("reveals", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("char_length(reason) >= 20", name=op.f("ck_auth_glass_reason")),
        sa.CheckConstraint(
            "ends_at > started_at AND ends_at <= started_at + minutes::integer * interval '1 minute'",
            name=op.f("ck_auth_glass_time_limit"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_auth_glass_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_auth_glass")),
    )
    op.create_index(op.f("ix_auth_glass_company_id_started_at"), "auth_glass", ["company_id", "started_at"])
    open_ones = sa.text("ended_at IS NULL")
    op.create_index(op.f("ix_auth_glass_session_id"), "auth_glass", ["session_id"], postgresql_where=open_ones)


def replace_words(functions: str, words: str, instead: str) -> None:
    """Rewrite our functions whose text has these words; a pattern that finds none is a mistake here."""
    found = op.get_bind().execute(
        sa.text("SELECT regexp_replace(pg_get_functiondef(p.oid), :words, :instead, 'g') FROM pg_proc p "
                "WHERE p.pronamespace = 'public'::regnamespace AND p.proname ~ ('^' || :functions || '$') "
                "AND p.proname NOT IN ('auth_account_on', 'auth_may_manage') AND p.prosrc ~ :words"),
        {"words": words, "instead": instead, "functions": functions},
    ).scalars().all()  # fmt: skip
    if not found:
        raise RuntimeError(f"no function {functions} has {words}")
    for definition in found:
        run(definition)


def closed_but_for(roles: str, *functions: str) -> None:
    for function in functions:
        run(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {function} TO {roles}")


def run(statements: str) -> None:
    """Several statements at once, percent signs as they are."""
    op.get_bind().connection.cursor().execute(statements)


def downgrade() -> None:
    for functions, words, instead in ASK_LESS:
        replace_words(functions, words, instead)
    run("DROP FUNCTION auth_close_glass(); DROP FUNCTION auth_end_glass(uuid); DROP FUNCTION auth_glass_of(uuid)")
    run("DROP TRIGGER auth_keep_an_admin ON auth_user; DROP FUNCTION auth_keep_an_admin()")
    run("DROP FUNCTION auth_may_help(uuid); DROP FUNCTION auth_account_on(auth_user); DROP FUNCTION auth_today()")
    op.drop_table("auth_glass")
    op.drop_constraint("ck_auth_company_platform_stays", "auth_company", type_="check")
    op.drop_constraint("ck_auth_user_audits_end", "auth_user", type_="check")
    run("DELETE FROM auth_user WHERE role = 'auditor'")
    op.drop_column("auth_grant", "ends_on")
    op.drop_column("auth_user", "ends_on")
    op.drop_column("auth_user", "starts_on")
