"""Auth: companies, users, grants, secrets, sessions, links, failed logins; limits on attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PLATFORM = "00000000-0000-4000-8000-000000000001"
LOGINS = "leadcrm_app, leadcrm_worker"  # for the first statement of a transaction: no scope role is taken yet
BEFORE = "leadcrm_none, leadcrm_all"  # before there is a viewer; and maintenance
EVERYBODY = "leadcrm_own, leadcrm_company, leadcrm_none, leadcrm_all"
MANAGERS = "leadcrm_company, leadcrm_none, leadcrm_all"

# The only ways to the closed tables. Each asks for what it gives: a token's hash, the old hash, or the right to manage.

WHO = f"""
CREATE FUNCTION auth_caller() RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('app.user', true), '')::uuid
$$;

-- The role that the transaction took stays visible inside a definer function, which itself runs as the owner.
CREATE FUNCTION auth_may_manage(company uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(CASE current_setting('role')
    WHEN 'leadcrm_all' THEN true
    WHEN 'leadcrm_company' THEN company = nullif(current_setting('app.company', true), '')::uuid
    WHEN 'leadcrm_none' THEN nullif(current_setting('app.company', true), '')::uuid = '{PLATFORM}'
  END, false)
$$;
"""

SESSIONS = """
CREATE FUNCTION auth_live_session(hash bytea) RETURNS SETOF auth_session
LANGUAGE sql STABLE AS $$
  SELECT s.* FROM auth_session s
  JOIN auth_user u ON u.company_id = s.company_id AND u.id = s.user_id AND u.active
  JOIN auth_company c ON c.id = s.company_id AND c.active
  WHERE s.id_hash = hash AND s.revoked_at IS NULL AND s.expires_at > now()
$$;

CREATE FUNCTION auth_described(person uuid) RETURNS TABLE (
  company_id uuid, user_id uuid, role text, name text, email text, company_name text,
  language text, theme text, permissions text[])
LANGUAGE sql STABLE AS $$
  SELECT u.company_id, u.id, u.role, u.name, u.email, c.name, coalesce(p.language, ''), coalesce(p.theme, ''),
         ARRAY(SELECT g.permission::text FROM auth_grant g WHERE g.company_id = u.company_id AND g.user_id = u.id)
  FROM auth_user u JOIN auth_company c ON c.id = u.company_id
  LEFT JOIN auth_preference p ON p.company_id = u.company_id AND p.id = u.id
  WHERE u.id = person AND u.active AND c.active
$$;

-- Who is looking. Always one row, an empty one when there is no such session. At most once a minute it is noted.
CREATE FUNCTION auth_open_session(hash bytea, idle_seconds integer) RETURNS TABLE (
  session_id uuid, auth_level smallint, company_id uuid, user_id uuid, role text, name text, email text,
  company_name text, language text, theme text, permissions text[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  opened auth_session;
BEGIN
  SELECT * INTO opened FROM auth_live_session(hash) s
  WHERE s.last_seen_at > clock_timestamp() - make_interval(secs => idle_seconds);
  IF opened.last_seen_at < clock_timestamp() - interval '1 minute' THEN
    -- A request of the same browser that notes it just now need not be waited for.
    UPDATE auth_session s SET last_seen_at = clock_timestamp() WHERE s.id = (
      SELECT seen.id FROM auth_session seen
      WHERE seen.id = opened.id AND seen.revoked_at IS NULL FOR UPDATE SKIP LOCKED);
  END IF;
  RETURN QUERY SELECT opened.id, opened.auth_level, opened.company_id, opened.user_id, d.role, d.name, d.email,
    d.company_name, d.language, d.theme, d.permissions
  FROM (SELECT 1) AS one LEFT JOIN auth_described(opened.user_id) d ON true;
END
$$;

CREATE FUNCTION auth_viewer(person uuid) RETURNS TABLE (
  company_id uuid, user_id uuid, role text, name text, email text, company_name text,
  language text, theme text, permissions text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM auth_described(person)
$$;

-- Level 1 until the second factor, unless the company asks none and the user has none; that is decided here.
CREATE FUNCTION auth_start_session(
  person uuid, hash bytea, hours integer, prefix text, agent text, agent_hash bytea)
RETURNS smallint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  level smallint;
BEGIN
  INSERT INTO auth_session (company_id, id, user_id, id_hash, auth_level, created_at, last_seen_at, expires_at,
                            address_prefix, user_agent, user_agent_hash)
  SELECT u.company_id, gen_random_uuid(), u.id, hash, l.level, now(), now(),
         now() + CASE l.level WHEN 1 THEN interval '30 minutes' ELSE make_interval(hours => hours) END,
         prefix, agent, agent_hash
  FROM auth_user u JOIN auth_company c ON c.id = u.company_id
  LEFT JOIN auth_secret s ON s.company_id = u.company_id AND s.id = u.id,
  LATERAL (SELECT CASE WHEN c.totp_required OR s.totp_confirmed_at IS NOT NULL THEN 1 ELSE 2 END::smallint) AS l(level)
  WHERE u.id = person AND u.active AND c.active AND u.joined_at IS NOT NULL
  RETURNING auth_level INTO level;
  IF level = 2 THEN
    UPDATE auth_user SET last_sign_in_at = now() WHERE id = person;
  END IF;
  RETURN level;
END
$$;

-- After the second factor: the half session ends and a full one begins under a new id. Once only.
CREATE FUNCTION auth_raise_session(old_hash bytea, new_hash bytea, hours integer)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  half auth_session;
BEGIN
  UPDATE auth_session s SET revoked_at = now(), totp_offered = NULL
  WHERE s.id = (SELECT l.id FROM auth_live_session(old_hash) l) AND s.auth_level = 1 AND s.revoked_at IS NULL
  RETURNING * INTO half;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO auth_session (company_id, id, user_id, id_hash, auth_level, created_at, last_seen_at, expires_at,
                            address_prefix, user_agent, user_agent_hash)
  VALUES (half.company_id, gen_random_uuid(), half.user_id, new_hash, 2, now(), now(),
          now() + make_interval(hours => hours), half.address_prefix, half.user_agent, half.user_agent_hash);
  UPDATE auth_user SET last_sign_in_at = now() WHERE id = half.user_id;
  RETURN true;
END
$$;

CREATE FUNCTION auth_end_session(hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE auth_session SET revoked_at = now(), totp_offered = NULL WHERE id_hash = hash AND revoked_at IS NULL
$$;

-- One session (or all of a user, but one): one's own, or of a user whom the caller manages. Returns how many ended.
CREATE FUNCTION auth_end_sessions(person uuid, only_id uuid, keep_id uuid) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH ended AS (
    UPDATE auth_session s SET revoked_at = now(), totp_offered = NULL
    WHERE s.user_id = person AND s.revoked_at IS NULL AND s.expires_at > now()
      AND (only_id IS NULL OR s.id = only_id) AND (keep_id IS NULL OR s.id <> keep_id)
      AND (s.user_id = auth_caller() OR auth_may_manage(s.company_id))
    RETURNING s.id)
  SELECT count(*)::integer FROM ended
$$;

CREATE FUNCTION auth_sessions_of(person uuid, idle_seconds integer) RETURNS TABLE (
  id uuid, created_at timestamptz, last_seen_at timestamptz, address_prefix text, user_agent text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, s.created_at, s.last_seen_at, s.address_prefix, s.user_agent FROM auth_session s
  WHERE s.user_id = person AND s.revoked_at IS NULL AND s.expires_at > now() AND s.auth_level = 2
    AND s.last_seen_at > now() - make_interval(secs => idle_seconds)
    AND (s.user_id = auth_caller() OR auth_may_manage(s.company_id))
  ORDER BY s.last_seen_at DESC
$$;

CREATE FUNCTION auth_forget_sessions() RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM auth_session WHERE expires_at < now() - interval '30 days' RETURNING id)
  SELECT count(*)::integer FROM gone
$$;
"""

PASSWORDS = """
CREATE FUNCTION auth_find(address text) RETURNS TABLE (
  company_id uuid, user_id uuid, email text, name text, active boolean, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.company_id, u.id, u.email, u.name, u.active AND c.active, s.password_hash
  FROM auth_user u JOIN auth_company c ON c.id = u.company_id
  LEFT JOIN auth_secret s ON s.company_id = u.company_id AND s.id = u.id
  WHERE u.email = address AND u.joined_at IS NOT NULL
$$;

-- One's own; another's only in maintenance. A first password makes the user join.
CREATE FUNCTION auth_set_password(person uuid, new_hash text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF current_setting('role') <> 'leadcrm_all' AND person IS DISTINCT FROM auth_caller() THEN
    RETURN false;
  END IF;
  INSERT INTO auth_secret (company_id, id, password_hash, password_set_at, totp_last_step)
  SELECT u.company_id, u.id, new_hash, now(), 0 FROM auth_user u WHERE u.id = person
  ON CONFLICT (company_id, id) DO UPDATE SET password_hash = new_hash, password_set_at = now();
  UPDATE auth_user SET joined_at = now() WHERE id = person AND joined_at IS NULL;
  RETURN true;
END
$$;

-- The same password under a better hash. Who does not know the old hash changes nothing.
CREATE FUNCTION auth_upgrade_password(person uuid, old_hash text, new_hash text) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH upgraded AS (
    UPDATE auth_secret SET password_hash = new_hash WHERE id = person AND password_hash = old_hash RETURNING id)
  SELECT EXISTS (SELECT 1 FROM upgraded)
$$;

-- A fresh link replaces the older ones.
CREATE FUNCTION auth_make_link(person uuid, hash bytea, hours integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE auth_link SET expires_at = now()
  WHERE user_id = person AND used_at IS NULL AND expires_at > now() AND auth_may_manage(company_id);
  INSERT INTO auth_link (company_id, id, user_id, token_hash, created_by, created_at, expires_at)
  SELECT u.company_id, gen_random_uuid(), u.id, hash, auth_caller(), now(), now() + make_interval(hours => hours)
  FROM auth_user u WHERE u.id = person AND auth_may_manage(u.company_id);
  RETURN FOUND;
END
$$;

CREATE FUNCTION auth_read_link(hash bytea) RETURNS TABLE (
  company_id uuid, user_id uuid, email text, name text, company_name text, first boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.company_id, u.id, u.email, u.name, c.name, u.joined_at IS NULL FROM auth_link l
  JOIN auth_user u ON u.company_id = l.company_id AND u.id = l.user_id AND u.active
  JOIN auth_company c ON c.id = l.company_id AND c.active
  WHERE l.token_hash = hash AND l.used_at IS NULL AND l.expires_at > now()
$$;

-- Burns the link and sets the password; every session of the user ends, the second factor stays. A unique violation
-- says that the address signs in somebody elsewhere.
CREATE FUNCTION auth_use_link(hash bytea, new_hash text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  person uuid;
BEGIN
  UPDATE auth_link l SET used_at = now()
  WHERE l.token_hash = hash AND l.used_at IS NULL AND l.expires_at > now()
    AND EXISTS (SELECT 1 FROM auth_read_link(hash))
  RETURNING l.user_id INTO person;
  IF person IS NULL THEN
    RETURN NULL;
  END IF;
  INSERT INTO auth_secret (company_id, id, password_hash, password_set_at, totp_last_step)
  SELECT u.company_id, u.id, new_hash, now(), 0 FROM auth_user u WHERE u.id = person
  ON CONFLICT (company_id, id) DO UPDATE SET password_hash = new_hash, password_set_at = now();
  UPDATE auth_user SET joined_at = now() WHERE id = person AND joined_at IS NULL;
  UPDATE auth_session SET revoked_at = now(), totp_offered = NULL WHERE user_id = person AND revoked_at IS NULL;
  RETURN person;
END
$$;

CREATE FUNCTION auth_rename(new_name text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE auth_user SET name = new_name, updated_at = now() WHERE id = auth_caller()
$$;
"""

SECOND_FACTOR = """
CREATE FUNCTION auth_second_factor(hash bytea) RETURNS TABLE (
  company_id uuid, user_id uuid, email text, name text, auth_level smallint, required boolean, confirmed boolean,
  totp bytea, offered bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.company_id, u.id, u.email, u.name, s.auth_level, c.totp_required, x.totp_confirmed_at IS NOT NULL,
         x.totp, s.totp_offered
  FROM auth_live_session(hash) s
  JOIN auth_user u ON u.company_id = s.company_id AND u.id = s.user_id
  JOIN auth_company c ON c.id = s.company_id
  LEFT JOIN auth_secret x ON x.company_id = s.company_id AND x.id = s.user_id
$$;

-- A secret is offered to one session only, so what somebody saw earlier can never be confirmed by another.
CREATE FUNCTION auth_offer_totp(hash bytea, sealed bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE auth_session s SET totp_offered = sealed
  WHERE s.id = (SELECT l.id FROM auth_live_session(hash) l) AND NOT EXISTS (
    SELECT 1 FROM auth_secret x WHERE x.id = s.user_id AND x.totp_confirmed_at IS NOT NULL);
  RETURN FOUND;
END
$$;

CREATE FUNCTION auth_confirm_totp(hash bytea, step bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  person uuid;
BEGIN
  UPDATE auth_secret x SET totp = s.totp_offered, totp_last_step = step, totp_confirmed_at = now()
  FROM auth_live_session(hash) s
  WHERE x.company_id = s.company_id AND x.id = s.user_id
    AND x.totp_confirmed_at IS NULL AND s.totp_offered IS NOT NULL AND x.totp_last_step < step
  RETURNING x.id INTO person;
  IF person IS NULL THEN
    RETURN false;
  END IF;
  UPDATE auth_session SET totp_offered = NULL WHERE user_id = person;
  UPDATE auth_user SET second_factor_at = now() WHERE id = person;
  RETURN true;
END
$$;

-- One statement: of any number of uses at once, exactly one succeeds.
CREATE FUNCTION auth_burn_totp_step(hash bytea, step bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH burned AS (
    UPDATE auth_secret x SET totp_last_step = step FROM auth_live_session(hash) s
    WHERE x.company_id = s.company_id AND x.id = s.user_id AND x.totp_confirmed_at IS NOT NULL
      AND x.totp_last_step < step
    RETURNING x.id)
  SELECT EXISTS (SELECT 1 FROM burned)
$$;

-- Maintenance sets one at once (demo accounts).
CREATE FUNCTION auth_set_totp(person uuid, sealed bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO auth_secret (company_id, id, totp, totp_last_step, totp_confirmed_at)
  SELECT u.company_id, u.id, sealed, 0, now() FROM auth_user u WHERE u.id = person
  ON CONFLICT (company_id, id) DO UPDATE SET totp = sealed, totp_last_step = 0, totp_confirmed_at = now();
  UPDATE auth_user SET second_factor_at = now() WHERE id = person
$$;

-- For a lost telephone, by who manages the user; nobody removes their own. The last step stays burned.
CREATE FUNCTION auth_reset_totp(person uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE auth_secret SET totp = NULL, totp_confirmed_at = NULL
  WHERE id = person AND auth_may_manage(company_id) AND person IS DISTINCT FROM auth_caller();
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE auth_user SET second_factor_at = NULL WHERE id = person;
  UPDATE auth_session SET revoked_at = now(), totp_offered = NULL WHERE user_id = person AND revoked_at IS NULL;
  RETURN true;
END
$$;
"""

LIMITS = """
-- All or nothing: 0 when every limit had room and one of each is taken, else the seconds to wait. Keys are locked in
-- one order, so that two attempts never wait for each other.
CREATE FUNCTION core_limit_reserve(keys text[], times integer[], seconds integer[]) RETURNS double precision
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  each record;
  kept double precision[];
  wait double precision := 0;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);  -- a crash may forget the last counts
  FOR each IN
    SELECT w.key, w.times, w.seconds FROM unnest(keys, times, seconds) AS w(key, times, seconds) ORDER BY w.key
  LOOP
    INSERT INTO core_limit AS l (key, hits, expires_at)
    VALUES (each.key, '{}', clock_timestamp() + make_interval(secs => each.seconds))
    ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at, hits = ARRAY(
      SELECT h FROM unnest(l.hits) AS h WHERE h > extract(epoch FROM clock_timestamp()) - each.seconds ORDER BY h)
    RETURNING l.hits INTO kept;
    IF cardinality(kept) >= each.times THEN
      wait := greatest(wait, 0.001,
        kept[cardinality(kept) - each.times + 1] + each.seconds - extract(epoch FROM clock_timestamp()));
    END IF;
  END LOOP;
  IF wait = 0 THEN
    UPDATE core_limit l SET hits = l.hits || extract(epoch FROM clock_timestamp())::double precision
    WHERE l.key = ANY (keys);
  END IF;
  IF random() < 0.01 THEN
    DELETE FROM core_limit l WHERE l.key IN (
      SELECT old.key FROM core_limit old WHERE old.expires_at < now() LIMIT 500 FOR UPDATE SKIP LOCKED);
  END IF;
  RETURN wait;
END
$$;

CREATE FUNCTION core_limit_give_back(keys text[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM core_limit l WHERE l.key = ANY (keys) ORDER BY l.key FOR UPDATE;
  UPDATE core_limit l SET hits = l.hits[1:cardinality(l.hits) - 1] WHERE l.key = ANY (keys);
END
$$;

CREATE FUNCTION core_limit_seen(which text, seconds integer) RETURNS TABLE (oldest double precision, counted bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(min(h), extract(epoch FROM clock_timestamp())), count(h)
  FROM core_limit l, unnest(l.hits) AS h
  WHERE l.key = which AND h > extract(epoch FROM clock_timestamp()) - seconds
$$;

CREATE FUNCTION core_limit_expires(which text) RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(max(extract(epoch FROM l.expires_at)), extract(epoch FROM now()))::double precision
  FROM core_limit l WHERE l.key = which
$$;

CREATE FUNCTION core_limit_clear(which text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM core_limit l WHERE l.key = which
$$;
"""

MAY_CALL = {
    "auth_open_session(bytea, integer)": LOGINS,
    "auth_viewer(uuid)": BEFORE,
    "auth_start_session(uuid, bytea, integer, text, text, bytea)": BEFORE,
    "auth_raise_session(bytea, bytea, integer)": BEFORE,
    "auth_end_session(bytea)": EVERYBODY,
    "auth_end_sessions(uuid, uuid, uuid)": EVERYBODY,
    "auth_sessions_of(uuid, integer)": EVERYBODY,
    "auth_forget_sessions()": "leadcrm_all",
    "auth_find(text)": BEFORE,
    "auth_set_password(uuid, text)": EVERYBODY,
    "auth_upgrade_password(uuid, text, text)": BEFORE,
    "auth_make_link(uuid, bytea, integer)": MANAGERS,
    "auth_read_link(bytea)": BEFORE,
    "auth_use_link(bytea, text)": BEFORE,
    "auth_rename(text)": EVERYBODY,
    "auth_second_factor(bytea)": EVERYBODY,
    "auth_offer_totp(bytea, bytea)": EVERYBODY,
    "auth_confirm_totp(bytea, bigint)": EVERYBODY,
    "auth_burn_totp_step(bytea, bigint)": EVERYBODY,
    "auth_set_totp(uuid, bytea)": "leadcrm_all",
    "auth_reset_totp(uuid)": MANAGERS,
    "core_limit_reserve(text[], integer[], integer[])": EVERYBODY,
    "core_limit_give_back(text[])": EVERYBODY,
    "core_limit_seen(text, integer)": EVERYBODY,
    "core_limit_expires(text)": EVERYBODY,
    "core_limit_clear(text)": EVERYBODY,
}
INNER = ("auth_caller()", "auth_may_manage(uuid)", "auth_live_session(bytea)", "auth_described(uuid)")
TABLES = (
    "auth_company", "auth_failed_login", "core_limit", "auth_user", "auth_grant", "auth_link", "auth_preference",
    "auth_secret", "auth_session",
)


def upgrade() -> None:
    people()
    what_hangs_on_people()
    platform()
    for statements in (WHO, SESSIONS, PASSWORDS, SECOND_FACTOR, LIMITS):
        run(statements)
    for function in (*INNER, *MAY_CALL):
        run(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    for function, roles in MAY_CALL.items():
        run(f"GRANT EXECUTE ON FUNCTION {function} TO {roles}")


def people() -> None:
    op.create_table(
        "auth_company",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("totp_required", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("company_id = id", name=op.f("ck_auth_company_self")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_auth_company")),
        sa.UniqueConstraint("id", name=op.f("uq_auth_company_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_auth_company_slug")),
    )
    op.create_table(
        "auth_failed_login",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=15), nullable=False),
        sa.Column("account", sa.String(length=254), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_auth_failed_login")),
    )
    op.create_index(op.f("ix_auth_failed_login_at_id"), "auth_failed_login", ["at", "id"])
    op.create_index(op.f("ix_auth_failed_login_company_id_at_id"), "auth_failed_login", ["company_id", "at", "id"])
    op.create_index(op.f("ix_auth_failed_login_fingerprint_at"), "auth_failed_login", ["fingerprint", "at"])
    op.create_table(
        "core_limit",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("hits", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_core_limit")),
    )
    op.create_index(op.f("ix_core_limit_expires_at"), "core_limit", ["expires_at"])
    op.create_table(
        "auth_user",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=14), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            f"(role = 'admin') = (company_id = '{PLATFORM}')", name=op.f("ck_auth_user_admins_are_platform")
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_auth_user_email_lower")),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_auth_user_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_auth_user")),
        sa.UniqueConstraint("company_id", "email", name=op.f("uq_auth_user_company_id_email")),
        sa.UniqueConstraint("id", name=op.f("uq_auth_user_id")),
    )
    claimed = sa.text("joined_at IS NOT NULL")
    op.create_index("uq_auth_user_email", "auth_user", ["email"], unique=True, postgresql_where=claimed)


def what_hangs_on_people() -> None:
    op.create_table(
        "auth_grant",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("permission", sa.String(length=120), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        of_user("user_id", "fk_auth_grant_company_id_user_id"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_auth_grant")),
        sa.UniqueConstraint(
            "company_id", "user_id", "permission", name=op.f("uq_auth_grant_company_id_user_id_permission")
        ),
    )
    op.create_table(
        "auth_link",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        of_user("user_id", "fk_auth_link_company_id_user_id"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_auth_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_auth_link_token_hash")),
    )
    op.create_index(op.f("ix_auth_link_company_id_user_id"), "auth_link", ["company_id", "user_id"])
    op.create_table(
        "auth_preference",
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("theme", sa.String(length=5), nullable=False),
        sa.Column("rows_per_page", sa.SmallInteger(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        of_user("id", "fk_auth_preference_company_id_id"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_auth_preference")),
    )
    op.create_table(
        "auth_secret",
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=False),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        of_user("id", "fk_auth_secret_company_id_id"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_auth_secret")),
    )
    op.create_table(
        "auth_session",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("auth_level", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address_prefix", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=120), nullable=False),
        sa.Column("user_agent_hash", sa.LargeBinary(), nullable=False),
        sa.Column("totp_offered", sa.LargeBinary(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("auth_level IN (1, 2)", name=op.f("ck_auth_session_level")),
        of_user("user_id", "fk_auth_session_company_id_user_id"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_auth_session")),
        sa.UniqueConstraint("id_hash", name=op.f("uq_auth_session_id_hash")),
    )
    op.create_index(op.f("ix_auth_session_company_id_user_id"), "auth_session", ["company_id", "user_id"])
    op.create_index(op.f("ix_auth_session_expires_at"), "auth_session", ["expires_at"])


def of_user(column: str, name: str) -> sa.ForeignKeyConstraint:
    user = ["auth_user.company_id", "auth_user.id"]
    return sa.ForeignKeyConstraint(["company_id", column], user, name=op.f(name), ondelete="CASCADE")


def platform() -> None:
    """The company of the platform's own staff; it is there from the start and has no leads."""
    run("""
        INSERT INTO auth_company (company_id, id, name, slug, totp_required, active, created_at, updated_at)
        SELECT id, id, 'Platform', 'platform', true, true, now(), now()
        FROM (VALUES ('00000000-0000-4000-8000-000000000001'::uuid)) AS reserved(id)
    """)


def run(statements: str) -> None:
    """Several statements at once, percent signs as they are."""
    op.get_bind().connection.cursor().execute(statements)


def downgrade() -> None:
    for function in (*reversed(MAY_CALL), *reversed(INNER)):
        run(f"DROP FUNCTION {function}")
    for table in reversed(TABLES):
        op.drop_table(table)
