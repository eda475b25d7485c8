"""Keys per company, old password hashes, forgotten passwords, a company's own mail account."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LOGINS = "leadcrm_app, leadcrm_worker"
BEFORE = "leadcrm_none, leadcrm_all"

# Wrapped keys only: who reads them still needs the key-encryption key. Later keys are the rotation's, as the owner.
KEYS = """
CREATE FUNCTION core_company_keys(company uuid) RETURNS TABLE (
  number integer, wrapped bytea, wrapped_by text, refused_at timestamptz, destroyed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.number, k.wrapped, k.wrapped_by, k.refused_at, k.destroyed_at FROM core_company_key k
  WHERE k.company_id = company ORDER BY k.number
$$;

-- Two processes that both find none: one adds it, both read that one afterwards.
CREATE FUNCTION core_first_company_key(company uuid, key bytea, by_what text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO core_company_key (company_id, number, wrapped, wrapped_by, created_at)
  SELECT company, 1, key, by_what, now()
  WHERE NOT EXISTS (SELECT 1 FROM core_company_key k WHERE k.company_id = company AND k.number > 0)
  ON CONFLICT (company_id, number) DO NOTHING
$$;
"""

PASSWORDS = """
-- How every password is kept, without salts and digests: for the report.
CREATE FUNCTION auth_password_outlines() RETURNS TABLE (outline text, accounts bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT regexp_replace(s.password_hash, '[A-Za-z0-9./+]{16,}', '*', 'g'), count(*)
  FROM auth_secret s WHERE s.password_hash IS NOT NULL GROUP BY 1
$$;

-- What is not kept under today's policy yet, in order of the ids.
CREATE FUNCTION auth_passwords_below(policy text, after uuid, most integer) RETURNS TABLE (
  user_id uuid, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, s.password_hash FROM auth_secret s
  WHERE s.password_hash IS NOT NULL AND NOT starts_with(s.password_hash, policy) AND s.id > after
  ORDER BY s.id LIMIT most
$$;
"""

FORGOTTEN = """
CREATE FUNCTION auth_ask_reset(ident uuid, address bytea, in_language text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO auth_forgotten (company_id, id, sealed, language, created_at)
  VALUES ('00000000-0000-4000-8000-000000000001', ident, address, in_language, now())
$$;

-- Once: what was asked is forgotten with the answer, and after an hour anyway.
CREATE FUNCTION auth_take_reset(ident uuid) RETURNS TABLE (sealed bytea, language text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH old AS (DELETE FROM auth_forgotten f WHERE f.id <> ident AND f.created_at < now() - interval '1 hour'),
  taken AS (DELETE FROM auth_forgotten f WHERE f.id = ident RETURNING f.sealed, f.language, f.created_at)
  SELECT t.sealed, t.language FROM taken t WHERE t.created_at > now() - interval '1 hour'
$$;

-- A link that somebody asked for themselves. One that a manager made stays good: a stranger must not undo it.
CREATE FUNCTION auth_make_reset_link(person uuid, hash bytea, minutes integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE auth_link SET expires_at = now()
  WHERE user_id = person AND created_by IS NULL AND used_at IS NULL AND expires_at > now();
  INSERT INTO auth_link (company_id, id, user_id, token_hash, created_at, expires_at)
  SELECT u.company_id, gen_random_uuid(), u.id, hash, now(), now() + make_interval(mins => minutes)
  FROM auth_user u JOIN auth_company c ON c.id = u.company_id
  WHERE u.id = person AND u.active AND c.active AND u.joined_at IS NOT NULL;
  RETURN FOUND;
END
$$;
"""

MAY_CALL = {
    "core_company_keys(uuid)": LOGINS,
    "core_first_company_key(uuid, bytea, text)": LOGINS,
    "auth_password_outlines()": "leadcrm_all",
    "auth_passwords_below(text, uuid, integer)": "leadcrm_all",
    "auth_ask_reset(uuid, bytea, text)": BEFORE,
    "auth_take_reset(uuid)": "leadcrm_all",
    "auth_make_reset_link(uuid, bytea, integer)": "leadcrm_all",
}
TABLES = ("core_company_key", "auth_forgotten", "mailboxes_account")


def upgrade() -> None:
    tables()
    op.add_column("core_outbox", sa.Column("through", sa.String(length=20), nullable=True))
    for statements in (KEYS, PASSWORDS, FORGOTTEN):
        run(statements)
    for function, roles in MAY_CALL.items():
        run(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {function} TO {roles}")


def tables() -> None:
    op.create_table(
        "core_company_key",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("wrapped_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("emptied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("company_id", "number", name=op.f("pk_core_company_key")),
    )
    op.create_table(
        "auth_forgotten",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_auth_forgotten")),
    )
    op.create_table(
        "mailboxes_account",
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("security", sa.String(length=8), nullable=False),
        sa.Column("username", sa.String(length=254), nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=True),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("sender_name", sa.String(length=80), nullable=True),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.Column("problem_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_mailboxes_account_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_mailboxes_account")),
        sa.UniqueConstraint("company_id", name=op.f("uq_mailboxes_account_company_id")),
    )


def run(statements: str) -> None:
    """Several statements at once, percent signs as they are."""
    op.get_bind().connection.cursor().execute(statements)


def downgrade() -> None:
    for function in reversed(MAY_CALL):
        run(f"DROP FUNCTION {function}")
    op.drop_column("core_outbox", "through")
    for table in reversed(TABLES):
        op.drop_table(table)
