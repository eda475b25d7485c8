"""Passkeys, recovery codes, step-up, second steps that were never finished; who is asked a second step."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BEFORE = "leadcrm_none, leadcrm_all"
EVERYBODY = "leadcrm_own, leadcrm_company, leadcrm_none, leadcrm_all"
DEFINER = "SECURITY DEFINER SET search_path = public, pg_temp"

# Who must have a second step: managers and admins always, agents unless their company opted out.
RULES = """
CREATE FUNCTION auth_factor_asked(role text, by_company boolean) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT role <> 'agent' OR by_company
$$;

CREATE FUNCTION auth_has_factor(person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM auth_secret x WHERE x.id = person AND x.totp_confirmed_at IS NOT NULL)
      OR EXISTS (SELECT 1 FROM auth_passkey k WHERE k.user_id = person)
$$;

-- The first factor is set up half signed in; after that only who is in, and has just proved to be it, changes one.
CREATE FUNCTION auth_may_change_factors(opened auth_session) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE opened.auth_level
    WHEN 1 THEN NOT auth_has_factor(opened.user_id)
    ELSE coalesce(opened.stepup_at > clock_timestamp() - interval '6 minutes', false)
  END
$$;

-- Since when somebody has a second step at all; what the screens of users show.
CREATE FUNCTION auth_note_factor(person uuid) RETURNS void LANGUAGE sql VOLATILE AS $$
  UPDATE auth_user SET second_factor_at = CASE WHEN auth_has_factor(person) THEN coalesce(second_factor_at, now()) END
  WHERE id = person;
  DELETE FROM auth_recovery_code c WHERE c.user_id = person AND NOT auth_has_factor(person);
$$;
"""

OPEN_SESSION = """
CREATE FUNCTION auth_open_session(hash bytea, idle_seconds integer) RETURNS TABLE (
  session_id uuid, auth_level smallint, company_id uuid, user_id uuid, role text, name text, email text,
  company_name text, language text, theme text, permissions text[]%s)
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
    d.company_name, d.language, d.theme, d.permissions%s
  FROM (SELECT 1) AS one LEFT JOIN auth_described(opened.user_id) d ON true;
END
$$;
"""

# Level 1 until the second factor, unless none is asked and the user has none; that is decided here.
START_SESSION = """
CREATE OR REPLACE FUNCTION auth_start_session(
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
  LATERAL (SELECT CASE WHEN %s THEN 1 ELSE 2 END::smallint) AS l(level)
  WHERE u.id = person AND u.active AND c.active AND u.joined_at IS NOT NULL
  RETURNING auth_level INTO level;
  IF level = 2 THEN
    UPDATE auth_user SET last_sign_in_at = now() WHERE id = person;
  END IF;
  RETURN level;
END
$$;
"""
ASKED_NOW = "auth_factor_asked(u.role, c.totp_required) OR auth_has_factor(u.id)"
ASKED_BEFORE = "c.totp_required OR s.totp_confirmed_at IS NOT NULL"

TOTP = """
CREATE FUNCTION auth_second_factor(hash bytea) RETURNS TABLE (
  company_id uuid, user_id uuid, email text, name text, auth_level smallint, required boolean, confirmed boolean,
  totp bytea, offered bytea, role text, has_totp boolean, passkeys integer, last_factor text, codes_left integer,
  codes_made boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.company_id, u.id, u.email, u.name, s.auth_level, auth_factor_asked(u.role, c.totp_required),
         auth_has_factor(u.id), x.totp, s.totp_offered, u.role, x.totp_confirmed_at IS NOT NULL,
         (SELECT count(*)::integer FROM auth_passkey k WHERE k.user_id = u.id),
         CASE WHEN (SELECT max(coalesce(k.last_used_at, k.created_at)) FROM auth_passkey k WHERE k.user_id = u.id)
                > coalesce(x.totp_used_at, x.totp_confirmed_at, '-infinity') THEN 'passkey' ELSE 'totp' END,
         (SELECT count(*)::integer FROM auth_recovery_code r WHERE r.user_id = u.id AND r.used_at IS NULL),
         EXISTS (SELECT 1 FROM auth_recovery_code r WHERE r.user_id = u.id)
  FROM auth_live_session(hash) s
  JOIN auth_user u ON u.company_id = s.company_id AND u.id = s.user_id
  JOIN auth_company c ON c.id = s.company_id
  LEFT JOIN auth_secret x ON x.company_id = s.company_id AND x.id = s.user_id
$$;

CREATE OR REPLACE FUNCTION auth_offer_totp(hash bytea, sealed bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE auth_session s SET totp_offered = sealed
  WHERE s.id = (SELECT l.id FROM auth_live_session(hash) l WHERE auth_may_change_factors(l));
  RETURN FOUND;
END
$$;

CREATE OR REPLACE FUNCTION auth_confirm_totp(hash bytea, step bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  person uuid;
BEGIN
  PERFORM 1 FROM auth_secret x JOIN auth_live_session(hash) s ON x.id = s.user_id FOR UPDATE OF x;
  UPDATE auth_secret x SET totp = s.totp_offered, totp_last_step = step, totp_confirmed_at = now(), totp_used_at = now()
  FROM auth_live_session(hash) s
  WHERE x.company_id = s.company_id AND x.id = s.user_id
    AND auth_may_change_factors(s) AND s.totp_offered IS NOT NULL AND x.totp_last_step < step
  RETURNING x.id INTO person;
  IF person IS NULL THEN
    RETURN false;
  END IF;
  UPDATE auth_session SET totp_offered = NULL WHERE user_id = person;
  PERFORM auth_note_factor(person);
  RETURN true;
END
$$;

-- One statement: of any number of uses at once, exactly one succeeds.
CREATE OR REPLACE FUNCTION auth_burn_totp_step(hash bytea, step bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH burned AS (
    UPDATE auth_secret x SET totp_last_step = step, totp_used_at = now() FROM auth_live_session(hash) s
    WHERE x.company_id = s.company_id AND x.id = s.user_id AND x.totp_confirmed_at IS NOT NULL
      AND x.totp_last_step < step
    RETURNING x.id)
  SELECT EXISTS (SELECT 1 FROM burned)
$$;

-- For who lost everything, by who manages the user; nobody removes their own this way. The last step stays burned.
CREATE OR REPLACE FUNCTION auth_reset_totp(person uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE auth_secret SET totp = NULL, totp_confirmed_at = NULL, totp_used_at = NULL
  WHERE id = person AND auth_may_manage(company_id) AND person IS DISTINCT FROM auth_caller();
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM auth_passkey WHERE user_id = person;
  PERFORM auth_note_factor(person);
  UPDATE auth_session SET revoked_at = now(), totp_offered = NULL WHERE user_id = person AND revoked_at IS NULL;
  RETURN true;
END
$$;

-- One's own app, when a passkey stays or nothing is asked. The row is locked: two removals at once never leave none.
CREATE FUNCTION auth_remove_totp(hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  mine auth_session;
BEGIN
  SELECT * INTO mine FROM auth_live_session(hash) s WHERE s.auth_level = 2 AND auth_may_change_factors(s);
  PERFORM 1 FROM auth_secret x WHERE x.id = mine.user_id FOR UPDATE;
  UPDATE auth_secret x SET totp = NULL, totp_confirmed_at = NULL, totp_used_at = NULL
  FROM auth_user u JOIN auth_company c ON c.id = u.company_id
  WHERE x.id = mine.user_id AND u.id = x.id AND x.totp_confirmed_at IS NOT NULL
    AND (NOT auth_factor_asked(u.role, c.totp_required)
         OR EXISTS (SELECT 1 FROM auth_passkey k WHERE k.user_id = x.id));
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM auth_note_factor(mine.user_id);
  RETURN true;
END
$$;
"""

TOTP_BEFORE = """
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

CREATE OR REPLACE FUNCTION auth_offer_totp(hash bytea, sealed bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE auth_session s SET totp_offered = sealed
  WHERE s.id = (SELECT l.id FROM auth_live_session(hash) l) AND NOT EXISTS (
    SELECT 1 FROM auth_secret x WHERE x.id = s.user_id AND x.totp_confirmed_at IS NOT NULL);
  RETURN FOUND;
END
$$;

CREATE OR REPLACE FUNCTION auth_confirm_totp(hash bytea, step bigint) RETURNS boolean
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

CREATE OR REPLACE FUNCTION auth_burn_totp_step(hash bytea, step bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH burned AS (
    UPDATE auth_secret x SET totp_last_step = step FROM auth_live_session(hash) s
    WHERE x.company_id = s.company_id AND x.id = s.user_id AND x.totp_confirmed_at IS NOT NULL
      AND x.totp_last_step < step
    RETURNING x.id)
  SELECT EXISTS (SELECT 1 FROM burned)
$$;

CREATE OR REPLACE FUNCTION auth_reset_totp(person uuid) RETURNS boolean
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

STEP_UP = """
-- A full session whose holder has just proved a second factor, or the password where there is none.
CREATE FUNCTION auth_step_up(hash bytea) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH proved AS (
    UPDATE auth_session s SET stepup_at = clock_timestamp()
    WHERE s.id = (SELECT l.id FROM auth_live_session(hash) l) AND s.auth_level = 2 RETURNING s.id)
  SELECT EXISTS (SELECT 1 FROM proved)
$$;
"""

PASSKEYS = """
-- A fresh challenge replaces the session's older one for the same purpose.
CREATE FUNCTION auth_make_challenge(hash bytea, wanted text, random bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM auth_challenge c WHERE c.expires_at < now();
  INSERT INTO auth_challenge (company_id, id, session_id, purpose, challenge, expires_at)
  SELECT s.company_id, gen_random_uuid(), s.id, wanted, random, now() + interval '5 minutes'
  FROM auth_live_session(hash) s WHERE wanted <> 'enrol' OR auth_may_change_factors(s)
  ON CONFLICT (company_id, session_id, purpose)
  DO UPDATE SET challenge = excluded.challenge, expires_at = excluded.expires_at;
  RETURN FOUND;
END
$$;

-- Once: who takes it first has it, whatever becomes of the answer.
CREATE FUNCTION auth_take_challenge(hash bytea, wanted text) RETURNS bytea
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH taken AS (
    DELETE FROM auth_challenge c USING auth_live_session(hash) s
    WHERE c.session_id = s.id AND c.purpose = wanted RETURNING c.challenge, c.expires_at)
  SELECT challenge FROM taken WHERE expires_at > now()
$$;

CREATE FUNCTION auth_passkeys(hash bytea) RETURNS TABLE (
  id uuid, credential_id bytea, public_key bytea, sign_count bigint, transports text, label text, synced boolean,
  created_at timestamptz, last_used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.id, k.credential_id, k.public_key, k.sign_count, k.transports, k.label, k.synced, k.created_at,
         k.last_used_at
  FROM auth_live_session(hash) s JOIN auth_passkey k ON k.company_id = s.company_id AND k.user_id = s.user_id
  ORDER BY coalesce(k.last_used_at, k.created_at) DESC
$$;

-- At most twenty a person. A credential that is known already is nobody's second one.
CREATE FUNCTION auth_add_passkey(
  hash bytea, new_credential bytea, new_key bytea, count bigint, ways text, named text, is_synced boolean)
RETURNS uuid LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  made uuid;
  person uuid;
BEGIN
  INSERT INTO auth_passkey (company_id, id, user_id, credential_id, public_key, sign_count, transports, label, synced,
                            created_at)
  SELECT s.company_id, gen_random_uuid(), s.user_id, new_credential, new_key, count, ways, named, is_synced, now()
  FROM auth_live_session(hash) s
  WHERE auth_may_change_factors(s)
    AND (SELECT count(*) FROM auth_passkey k WHERE k.user_id = s.user_id) < 20
  ON CONFLICT (credential_id) DO NOTHING
  RETURNING id, user_id INTO made, person;
  IF made IS NOT NULL THEN
    PERFORM auth_note_factor(person);
  END IF;
  RETURN made;
END
$$;

-- The counter only goes up; one that does not may be a copy. Authenticators without a counter always say 0.
CREATE FUNCTION auth_use_passkey(hash bytea, used uuid, count bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH done AS (
    UPDATE auth_passkey k SET sign_count = count, last_used_at = now() FROM auth_live_session(hash) s
    WHERE k.company_id = s.company_id AND k.user_id = s.user_id AND k.id = used
      AND (k.sign_count < count OR (k.sign_count = 0 AND count = 0))
    RETURNING k.id)
  SELECT EXISTS (SELECT 1 FROM done)
$$;

CREATE FUNCTION auth_rename_passkey(hash bytea, which uuid, named text) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH done AS (
    UPDATE auth_passkey k SET label = named FROM auth_live_session(hash) s
    WHERE s.auth_level = 2 AND auth_may_change_factors(s)
      AND k.company_id = s.company_id AND k.user_id = s.user_id AND k.id = which
    RETURNING k.id)
  SELECT EXISTS (SELECT 1 FROM done)
$$;

-- One's own, when another factor stays or nothing is asked; see auth_remove_totp().
CREATE FUNCTION auth_remove_passkey(hash bytea, which uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  mine auth_session;
BEGIN
  SELECT * INTO mine FROM auth_live_session(hash) s WHERE s.auth_level = 2 AND auth_may_change_factors(s);
  PERFORM 1 FROM auth_secret x WHERE x.id = mine.user_id FOR UPDATE;
  DELETE FROM auth_passkey k USING auth_user u, auth_company c, auth_secret x
  WHERE k.id = which AND k.user_id = mine.user_id AND u.id = k.user_id AND c.id = u.company_id AND x.id = u.id
    AND (NOT auth_factor_asked(u.role, c.totp_required) OR x.totp_confirmed_at IS NOT NULL
         OR EXISTS (SELECT 1 FROM auth_passkey other WHERE other.user_id = k.user_id AND other.id <> k.id));
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM auth_note_factor(mine.user_id);
  RETURN true;
END
$$;
"""

RECOVERY = """
-- A new set replaces the old one. Only who has a factor has codes.
CREATE FUNCTION auth_make_codes(hash bytea, hashes bytea[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  mine auth_session;
BEGIN
  SELECT * INTO mine FROM auth_live_session(hash) s
  WHERE s.auth_level = 2 AND auth_may_change_factors(s) AND auth_has_factor(s.user_id);
  IF mine.id IS NULL THEN
    RETURN false;
  END IF;
  PERFORM 1 FROM auth_secret x WHERE x.id = mine.user_id FOR UPDATE;
  DELETE FROM auth_recovery_code c WHERE c.user_id = mine.user_id;
  INSERT INTO auth_recovery_code (company_id, id, user_id, code_hash, created_at)
  SELECT mine.company_id, gen_random_uuid(), mine.user_id, each, now() FROM unnest(hashes) AS each;
  RETURN true;
END
$$;

-- One statement: of any number of uses at once exactly one succeeds. Only to get in, never to step up. Says how many
-- are left.
CREATE FUNCTION auth_burn_code(hash bytea, given bytea) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  person uuid;
BEGIN
  UPDATE auth_recovery_code c SET used_at = now() FROM auth_live_session(hash) s
  WHERE s.auth_level = 1 AND c.company_id = s.company_id AND c.user_id = s.user_id
    AND c.code_hash = given AND c.used_at IS NULL
  RETURNING c.user_id INTO person;
  IF person IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT count(*) FROM auth_recovery_code c WHERE c.user_id = person AND c.used_at IS NULL);
END
$$;
"""

PENDING = """
-- The password was right: now the second step is awaited. From where is kept until it came, or was reported missing.
CREATE FUNCTION auth_expect_factor(hash bytea, from_address text, agent text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO auth_pending (company_id, id, user_id, session_id, address, user_agent, began_at)
  SELECT s.company_id, gen_random_uuid(), s.user_id, s.id, from_address, agent, now()
  FROM auth_live_session(hash) s WHERE s.auth_level = 1
$$;

-- It came. Somebody who began twice on one device and finished once is no alarm.
CREATE FUNCTION auth_factor_came(hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM auth_pending p USING auth_live_session(hash) s, auth_pending mine
  WHERE mine.session_id = s.id AND p.user_id = mine.user_id
    AND p.address = mine.address AND p.user_agent = mine.user_agent
$$;

-- Taken away, so that each is reported once. Setting a factor up for the first time may take half an hour.
CREATE FUNCTION auth_take_unfinished() RETURNS TABLE (
  company_id uuid, user_id uuid, email text, name text, language text, address text, user_agent text,
  began_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH late AS (
    DELETE FROM auth_pending p
    WHERE p.began_at < now() - CASE WHEN auth_has_factor(p.user_id) THEN interval '3 minutes'
                                    ELSE interval '30 minutes' END
    RETURNING p.*)
  SELECT u.company_id, u.id, u.email, u.name, coalesce(r.language, 'nl'), l.address, l.user_agent, l.began_at
  FROM late l JOIN auth_user u ON u.company_id = l.company_id AND u.id = l.user_id
  LEFT JOIN auth_preference r ON r.company_id = u.company_id AND r.id = u.id
  ORDER BY l.began_at
$$;
"""

MAY_CALL = {
    "auth_step_up(bytea)": EVERYBODY,
    "auth_remove_totp(bytea)": EVERYBODY,
    "auth_make_challenge(bytea, text, bytea)": EVERYBODY,
    "auth_take_challenge(bytea, text)": EVERYBODY,
    "auth_passkeys(bytea)": EVERYBODY,
    "auth_add_passkey(bytea, bytea, bytea, bigint, text, text, boolean)": EVERYBODY,
    "auth_use_passkey(bytea, uuid, bigint)": EVERYBODY,
    "auth_rename_passkey(bytea, uuid, text)": EVERYBODY,
    "auth_remove_passkey(bytea, uuid)": EVERYBODY,
    "auth_make_codes(bytea, bytea[])": EVERYBODY,
    "auth_burn_code(bytea, bytea)": BEFORE,
    "auth_expect_factor(bytea, text, text)": BEFORE,
    "auth_factor_came(bytea)": BEFORE,
    "auth_take_unfinished()": "leadcrm_all",
}
INNER = (
    "auth_factor_asked(text, boolean)", "auth_has_factor(uuid)", "auth_may_change_factors(auth_session)",
    "auth_note_factor(uuid)",
)
MADE_ANEW = {
    "auth_open_session(bytea, integer)": "leadcrm_app, leadcrm_worker",
    "auth_second_factor(bytea)": EVERYBODY,
}


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("auth_session", sa.Column("stepup_at", moment, nullable=True))
    op.add_column("auth_secret", sa.Column("totp_used_at", moment, nullable=True))
    op.alter_column("auth_failed_login", "reason", type_=sa.String(length=40))
    tables()
    for function in MADE_ANEW:
        run(f"DROP FUNCTION {function}")
    opened = OPEN_SESSION % (", stepped_up_at timestamptz", ", opened.stepup_at")
    for statements in (RULES, opened, START_SESSION % ASKED_NOW, TOTP, STEP_UP, PASSKEYS, RECOVERY, PENDING):
        run(statements)
    close_and_open([*INNER], MAY_CALL | MADE_ANEW)


def tables() -> None:
    of_a_user(
        "auth_passkey",
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.String(length=100), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("credential_id", name=op.f("uq_auth_passkey_credential_id")),
    )
    of_a_user(
        "auth_recovery_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("company_id", "user_id", "code_hash",
                            name=op.f("uq_auth_recovery_code_company_id_user_id_code_hash")),
    )
    of_a_user(
        "auth_pending",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "auth_challenge",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "session_id"], ["auth_session.company_id", "auth_session.id"],
            name=op.f("fk_auth_challenge_company_id_session_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_auth_challenge")),
        sa.UniqueConstraint("company_id", "session_id", "purpose",
                            name=op.f("uq_auth_challenge_company_id_session_id_purpose")),
    )


def of_a_user(table: str, *columns: sa.Column | sa.UniqueConstraint) -> None:
    op.create_table(
        table,
        sa.Column("user_id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"],
            name=op.f(f"fk_{table}_company_id_user_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_company_id_user_id"), table, ["company_id", "user_id"])


def close_and_open(inner: list[str], callers: dict[str, str]) -> None:
    for function in (*inner, *callers):
        run(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    for function, roles in callers.items():
        run(f"GRANT EXECUTE ON FUNCTION {function} TO {roles}")


def run(statements: str) -> None:
    """Several statements at once, percent signs as they are."""
    op.get_bind().connection.cursor().execute(statements)


def downgrade() -> None:
    for function in (*MAY_CALL, *MADE_ANEW):
        run(f"DROP FUNCTION {function}")
    for statements in (OPEN_SESSION % ("", ""), START_SESSION % ASKED_BEFORE, TOTP_BEFORE):
        run(statements)
    for function in reversed(INNER):
        run(f"DROP FUNCTION {function}")
    close_and_open([], MADE_ANEW)
    for table in ("auth_challenge", "auth_pending", "auth_recovery_code", "auth_passkey"):
        op.drop_table(table)
    op.drop_column("auth_session", "stepup_at")
    op.drop_column("auth_secret", "totp_used_at")
    op.alter_column("auth_failed_login", "reason", type_=sa.String(length=15))
