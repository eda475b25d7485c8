"""Known devices, tokens of sessions that are replaced, and limits whose delay grows."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LOGINS = "leadcrm_app, leadcrm_worker"
BEFORE = "leadcrm_none, leadcrm_all"
EVERYBODY = "leadcrm_own, leadcrm_company, leadcrm_none, leadcrm_all"

TOKENS = """
-- By its token, or by the one before while the new one was not seen yet or only just. Who asks has been let in by
-- auth_open_session(), which knows the exact grace; two minutes leave a slow request the time to end.
CREATE OR REPLACE FUNCTION auth_live_session(hash bytea) RETURNS SETOF auth_session
LANGUAGE sql STABLE AS $$
  SELECT s.* FROM auth_session s
  JOIN auth_user u ON u.company_id = s.company_id AND u.id = s.user_id AND u.active
  JOIN auth_company c ON c.id = s.company_id AND c.active
  WHERE (s.id_hash = hash OR (s.prev_hash = hash AND (
      s.seen_at IS NULL OR s.seen_at > clock_timestamp() - interval '2 minutes')))
    AND s.revoked_at IS NULL AND s.expires_at > now()
$$;

-- Who is looking. Always one row, an empty one when there is no such session. At most once a minute it is noted.
-- `due`: the token should be replaced. `spent`: it was replaced and its grace is over, yet its session lives.
CREATE FUNCTION auth_open_session(
  hash bytea, idle interval, longest interval, admin_idle interval, admin_longest interval, turn interval,
  grace interval)
RETURNS TABLE (
  session_id uuid, auth_level smallint, due boolean, spent boolean, stepped_up_at timestamptz,
  company_id uuid, user_id uuid, role text, name text, email text, company_name text, language text, theme text,
  permissions text[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  opened auth_session;
  who record;
  newest boolean;
BEGIN
  SELECT * INTO opened FROM auth_live_session(hash);
  SELECT * INTO who FROM auth_described(opened.user_id);
  newest := opened.id_hash = hash;
  IF opened.id IS NULL OR (NOT newest AND opened.seen_at <= clock_timestamp() - grace) THEN
    RETURN QUERY SELECT NULL::uuid, NULL::smallint, false, EXISTS (
        SELECT 1 FROM auth_spent_token t JOIN auth_session s ON s.company_id = t.company_id AND s.id = t.session_id
        WHERE t.token_hash = hash AND s.revoked_at IS NULL AND s.expires_at > now()),
      NULL::timestamptz, NULL::uuid, NULL::uuid, NULL, NULL, NULL, NULL, NULL, NULL, NULL::text[];
    RETURN;
  END IF;
  IF opened.last_seen_at <= clock_timestamp() - (CASE who.role WHEN 'admin' THEN admin_idle ELSE idle END)
    OR opened.created_at <= clock_timestamp() - (CASE who.role WHEN 'admin' THEN admin_longest ELSE longest END)
  THEN
    RETURN QUERY SELECT NULL::uuid, NULL::smallint, false, false, NULL::timestamptz, NULL::uuid, NULL::uuid,
      NULL, NULL, NULL, NULL, NULL, NULL, NULL::text[];
    RETURN;
  END IF;
  IF opened.last_seen_at < clock_timestamp() - interval '1 minute'
    OR (newest AND opened.prev_hash IS NOT NULL AND opened.seen_at IS NULL)
  THEN
    -- A request of the same browser that notes it just now need not be waited for.
    UPDATE auth_session s SET last_seen_at = clock_timestamp(),
      seen_at = CASE WHEN s.id_hash = hash THEN coalesce(s.seen_at, clock_timestamp()) ELSE s.seen_at END
    WHERE s.id = (
      SELECT seen.id FROM auth_session seen
      WHERE seen.id = opened.id AND seen.revoked_at IS NULL FOR UPDATE SKIP LOCKED);
  END IF;
  RETURN QUERY SELECT opened.id, opened.auth_level,
    opened.auth_level = 2 AND CASE
      -- The answer with the newest token may never have arrived: then it is tried once more.
      WHEN NOT newest THEN opened.seen_at IS NULL AND opened.rotated_at < clock_timestamp() - grace
      ELSE coalesce(opened.rotated_at, opened.created_at) < clock_timestamp() - turn
        OR opened.role <> who.role OR opened.stepup_at > coalesce(opened.rotated_at, opened.created_at)
    END,
    false, CASE WHEN newest THEN opened.stepup_at END,  -- a copy of the token before gains nothing by a step-up
    opened.company_id, opened.user_id, who.role, who.name, who.email, who.company_name, who.language, who.theme,
    who.permissions;
END
$$;

-- A new token for a session that is held by the old one. Of any number of requests at once, one gets it.
CREATE FUNCTION auth_turn_session(old_hash bytea, new_hash bytea, grace interval) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  was auth_session;
BEGIN
  -- Not waited for: the row may be locked by the very request that asks.
  SELECT s.* INTO was FROM auth_session s
  WHERE s.revoked_at IS NULL AND s.expires_at > now() AND s.auth_level = 2 AND (s.id_hash = old_hash OR (
    s.prev_hash = old_hash AND s.seen_at IS NULL AND s.rotated_at < clock_timestamp() - grace))
  FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO auth_spent_token (company_id, id, session_id, token_hash, spent_at)
  SELECT was.company_id, gen_random_uuid(), was.id, old, clock_timestamp()
  FROM (SELECT old_hash AS old UNION SELECT was.id_hash) AS replaced
  ON CONFLICT (token_hash) DO NOTHING;
  UPDATE auth_session s SET id_hash = new_hash, prev_hash = old_hash, rotated_at = clock_timestamp(), seen_at = NULL,
    role = (SELECT u.role FROM auth_user u WHERE u.id = was.user_id)
  WHERE s.id = was.id;
  RETURN true;
END
$$;

-- A token came back after its grace: somebody has a copy. The session ends; one caller is told whose it was.
CREATE FUNCTION auth_end_spent(hash bytea) RETURNS TABLE (
  company_id uuid, user_id uuid, email text, name text, language text, session_id uuid, user_agent text,
  address_prefix text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH ended AS (
    UPDATE auth_session s SET revoked_at = now(), totp_offered = NULL
    FROM auth_spent_token t
    WHERE t.token_hash = hash AND s.company_id = t.company_id AND s.id = t.session_id AND s.revoked_at IS NULL
      AND s.expires_at > now()
    RETURNING s.*)
  SELECT e.company_id, e.user_id, u.email, u.name, coalesce(p.language, ''), e.id, e.user_agent, e.address_prefix
  FROM ended e JOIN auth_user u ON u.company_id = e.company_id AND u.id = e.user_id
  LEFT JOIN auth_preference p ON p.company_id = u.company_id AND p.id = u.id
$$;

CREATE OR REPLACE FUNCTION auth_end_session(hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE auth_session SET revoked_at = now(), totp_offered = NULL
  WHERE (id_hash = hash OR prev_hash = hash) AND revoked_at IS NULL
$$;

-- Everybody of a company at once, by the platform's staff or in maintenance. The caller's own session stays.
CREATE FUNCTION auth_end_company_sessions(company uuid, keep_id uuid) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH ended AS (
    UPDATE auth_session s SET revoked_at = now(), totp_offered = NULL
    WHERE s.company_id = company AND s.revoked_at IS NULL AND s.expires_at > now()
      AND (keep_id IS NULL OR s.id <> keep_id)
      AND current_setting('role') IN ('leadcrm_none', 'leadcrm_all') AND auth_may_manage(s.company_id)
    RETURNING s.id)
  SELECT count(*)::integer FROM ended
$$;

DROP FUNCTION auth_sessions_of(uuid, integer);
CREATE FUNCTION auth_sessions_of(person uuid, idle interval, admin_idle interval) RETURNS TABLE (
  id uuid, created_at timestamptz, last_seen_at timestamptz, address_prefix text, user_agent text, device_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, s.created_at, s.last_seen_at, s.address_prefix, s.user_agent, s.device_id FROM auth_session s
  JOIN auth_user u ON u.company_id = s.company_id AND u.id = s.user_id
  WHERE s.user_id = person AND s.revoked_at IS NULL AND s.expires_at > now() AND s.auth_level = 2
    AND s.last_seen_at > now() - CASE u.role WHEN 'admin' THEN admin_idle ELSE idle END
    AND (s.user_id = auth_caller() OR auth_may_manage(s.company_id))
  ORDER BY s.last_seen_at DESC
$$;

CREATE OR REPLACE FUNCTION auth_forget_sessions() RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH devices AS (DELETE FROM auth_device WHERE last_seen_at < now() - interval '1 year'),
  gone AS (DELETE FROM auth_session WHERE expires_at < now() - interval '30 days' RETURNING id)
  SELECT count(*)::integer FROM gone
$$;
"""

DEVICES = """
-- By which token of its cookie a browser is known: this person signed in completely on it, within a year.
CREATE FUNCTION auth_device_known(person uuid, hashes bytea[]) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT d.token_hash FROM auth_device d
  WHERE d.user_id = person AND d.token_hash = ANY (hashes) AND d.last_seen_at > now() - interval '1 year'
  ORDER BY d.last_seen_at DESC LIMIT 1
$$;

-- The device of a full session: the one that a token of its cookie is known by, else a new one; and whose it is.
-- `fresh`: this person was never seen on it. Nobody has more than fifty.
CREATE FUNCTION auth_remember_device(
  session_hash bytea, held_hashes bytea[], new_hash bytea, words text, prefix text, notice bytea)
RETURNS TABLE (fresh boolean, token_hash bytea, company_id uuid, user_id uuid, email text, name text, language text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  held auth_session;
  device auth_device;
BEGIN
  SELECT s.* INTO held FROM auth_live_session(session_hash) s WHERE s.auth_level = 2;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO auth_device AS d (company_id, id, user_id, token_hash, notice_hash, name, address_prefix, first_seen_at,
                                last_seen_at)
  VALUES (held.company_id, gen_random_uuid(), held.user_id,
          coalesce(auth_device_known(held.user_id, held_hashes), new_hash), notice, words, prefix, clock_timestamp(),
          clock_timestamp())
  ON CONFLICT (user_id, token_hash)
  DO UPDATE SET name = words, address_prefix = prefix, last_seen_at = clock_timestamp()
  RETURNING d.* INTO device;
  UPDATE auth_session s SET device_id = device.id, role = (SELECT u.role FROM auth_user u WHERE u.id = held.user_id)
  WHERE s.id = held.id;
  DELETE FROM auth_device d WHERE d.id IN (
    SELECT o.id FROM auth_device o WHERE o.user_id = held.user_id ORDER BY o.last_seen_at DESC OFFSET 50);
  RETURN QUERY SELECT device.notice_hash = notice, device.token_hash, u.company_id, u.id, u.email::text, u.name::text,
    coalesce(p.language, '')::text
  FROM auth_user u LEFT JOIN auth_preference p ON p.company_id = u.company_id AND p.id = u.id
  WHERE u.id = held.user_id;
END
$$;

CREATE FUNCTION auth_devices_of(person uuid) RETURNS TABLE (
  id uuid, name text, address_prefix text, first_seen_at timestamptz, last_seen_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT d.id, d.name, d.address_prefix, d.first_seen_at, greatest(d.last_seen_at, (
    SELECT max(s.last_seen_at) FROM auth_session s
    WHERE s.company_id = d.company_id AND s.user_id = d.user_id AND s.device_id = d.id))
  FROM auth_device d
  WHERE d.user_id = person AND (d.user_id = auth_caller() OR auth_may_manage(d.company_id))
  ORDER BY 5 DESC
$$;

-- One device, or all of a person: it is known no more, and whoever is signed in on it is out.
CREATE FUNCTION auth_forget_devices(person uuid, only_id uuid) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM auth_device d
    WHERE d.user_id = person AND (only_id IS NULL OR d.id = only_id)
      AND (d.user_id = auth_caller() OR auth_may_manage(d.company_id))
    RETURNING d.company_id, d.id),
  ended AS (
    UPDATE auth_session s SET revoked_at = now(), totp_offered = NULL FROM gone g
    WHERE s.company_id = g.company_id AND s.user_id = person AND s.device_id = g.id AND s.revoked_at IS NULL)
  SELECT count(*)::integer FROM gone
$$;

-- What the link in a notice of a new device is about; it works for thirty days, and until that device is forgotten.
CREATE FUNCTION auth_read_notice(hash bytea) RETURNS TABLE (
  company_id uuid, user_id uuid, email text, name text, device text, address_prefix text, first_seen_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.company_id, u.id, u.email, u.name, d.name, d.address_prefix, d.first_seen_at FROM auth_device d
  JOIN auth_user u ON u.company_id = d.company_id AND u.id = d.user_id AND u.active
  WHERE d.notice_hash = hash AND d.first_seen_at > now() - interval '30 days'
$$;

-- "It was not me": every session ends, every device is forgotten, and the password, which somebody else knows, is no
-- longer one. The second factor stays.
CREATE FUNCTION auth_end_everything(hash bytea) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  person uuid;
  ended integer;
BEGIN
  SELECT n.user_id INTO person FROM auth_read_notice(hash) n;
  IF person IS NULL THEN
    RETURN NULL;
  END IF;
  DELETE FROM auth_device WHERE user_id = person;
  UPDATE auth_secret SET password_hash = NULL WHERE id = person;
  UPDATE auth_link SET expires_at = now() WHERE user_id = person AND used_at IS NULL AND expires_at > now();
  UPDATE auth_session SET revoked_at = now(), totp_offered = NULL WHERE user_id = person AND revoked_at IS NULL;
  GET DIAGNOSTICS ended = ROW_COUNT;
  RETURN ended;
END
$$;
"""

LIMITS = """
DROP FUNCTION core_limit_reserve(text[], integer[], integer[]);
-- All or nothing: 0 when every limit had room and one of each is taken, else the seconds to wait. Keys are locked in
-- one order, so that two attempts never wait for each other. A limit without a step is full at `times` a window; with
-- one, each attempt beyond `times` comes twice as long after the one before it, from `step` to at most `most` seconds.
CREATE FUNCTION core_limit_reserve(
  keys text[], times integer[], seconds integer[], steps double precision[], most double precision[])
RETURNS double precision
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  each record;
  kept double precision[];
  made integer;
  wait double precision := 0;
  instant double precision;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);  -- a crash may forget the last counts
  FOR each IN
    SELECT w.* FROM unnest(keys, times, seconds, steps, most) AS w(key, times, seconds, step, most) ORDER BY w.key
  LOOP
    INSERT INTO core_limit AS l (key, hits, expires_at)
    VALUES (each.key, '{}', clock_timestamp() + make_interval(secs => each.seconds))
    ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at, hits = ARRAY(
      SELECT h FROM unnest(l.hits) AS h WHERE h > extract(epoch FROM clock_timestamp()) - each.seconds ORDER BY h)
    RETURNING l.hits INTO kept;
    made := cardinality(kept);
    instant := extract(epoch FROM clock_timestamp());
    IF made >= each.times AND each.step > 0 THEN
      wait := greatest(wait, kept[made] + least(each.most, each.step * 2 ^ least(made - each.times, 30)) - instant);
    ELSIF made >= each.times THEN
      wait := greatest(wait, 0.001, kept[made - each.times + 1] + each.seconds - instant);
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
"""

OPEN = "auth_open_session(bytea, interval, interval, interval, interval, interval, interval)"
MAY_CALL = {
    OPEN: LOGINS,
    "auth_turn_session(bytea, bytea, interval)": BEFORE,
    "auth_end_spent(bytea)": BEFORE,
    "auth_end_company_sessions(uuid, uuid)": BEFORE,
    "auth_sessions_of(uuid, interval, interval)": EVERYBODY,
    "auth_device_known(uuid, bytea[])": BEFORE,
    "auth_remember_device(bytea, bytea[], bytea, text, text, bytea)": BEFORE,
    "auth_devices_of(uuid)": EVERYBODY,
    "auth_forget_devices(uuid, uuid)": EVERYBODY,
    "auth_read_notice(bytea)": BEFORE,
    "auth_end_everything(bytea)": BEFORE,
    "core_limit_reserve(text[], integer[], integer[], double precision[], double precision[])": EVERYBODY,
}


def upgrade() -> None:
    columns()
    devices()
    spent_tokens()
    run("DROP FUNCTION auth_open_session(bytea, integer)")
    for statements in (TOKENS, DEVICES, LIMITS):
        run(statements)
    for function, roles in MAY_CALL.items():
        run(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        run(f"GRANT EXECUTE ON FUNCTION {function} TO {roles}")


def columns() -> None:
    op.add_column("auth_session", sa.Column("prev_hash", sa.LargeBinary(), nullable=True))
    op.add_column("auth_session", sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("auth_session", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("auth_session", sa.Column("role", sa.String(length=14), nullable=True))
    op.add_column("auth_session", sa.Column("device_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_auth_session_prev_hash"), "auth_session", ["prev_hash"])


def devices() -> None:
    op.create_table(
        "auth_device",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("notice_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address_prefix", sa.String(length=45), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"],
            name=op.f("fk_auth_device_company_id_user_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_auth_device")),
        sa.UniqueConstraint("user_id", "token_hash", name=op.f("uq_auth_device_user_id_token_hash")),
        sa.UniqueConstraint("notice_hash", name=op.f("uq_auth_device_notice_hash")),
    )
    op.create_index(op.f("ix_auth_device_company_id_user_id"), "auth_device", ["company_id", "user_id"])
    op.create_index(op.f("ix_auth_device_last_seen_at"), "auth_device", ["last_seen_at"])


def spent_tokens() -> None:
    op.create_table(
        "auth_spent_token",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "session_id"], ["auth_session.company_id", "auth_session.id"],
            name=op.f("fk_auth_spent_token_company_id_session_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_auth_spent_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_auth_spent_token_token_hash")),
    )
    op.create_index(op.f("ix_auth_spent_token_company_id_session_id"), "auth_spent_token", ["company_id", "session_id"])


def run(statements: str) -> None:
    """Several statements at once, percent signs as they are."""
    op.get_bind().connection.cursor().execute(statements)


AS_THEY_WERE = """
CREATE OR REPLACE FUNCTION auth_live_session(hash bytea) RETURNS SETOF auth_session
LANGUAGE sql STABLE AS $$
  SELECT s.* FROM auth_session s
  JOIN auth_user u ON u.company_id = s.company_id AND u.id = s.user_id AND u.active
  JOIN auth_company c ON c.id = s.company_id AND c.active
  WHERE s.id_hash = hash AND s.revoked_at IS NULL AND s.expires_at > now()
$$;

CREATE FUNCTION auth_open_session(hash bytea, idle_seconds integer) RETURNS TABLE (
  session_id uuid, auth_level smallint, company_id uuid, user_id uuid, role text, name text, email text,
  company_name text, language text, theme text, permissions text[], stepped_up_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  opened auth_session;
BEGIN
  SELECT * INTO opened FROM auth_live_session(hash) s
  WHERE s.last_seen_at > clock_timestamp() - make_interval(secs => idle_seconds);
  IF opened.last_seen_at < clock_timestamp() - interval '1 minute' THEN
    UPDATE auth_session s SET last_seen_at = clock_timestamp() WHERE s.id = (
      SELECT seen.id FROM auth_session seen
      WHERE seen.id = opened.id AND seen.revoked_at IS NULL FOR UPDATE SKIP LOCKED);
  END IF;
  RETURN QUERY SELECT opened.id, opened.auth_level, opened.company_id, opened.user_id, d.role, d.name, d.email,
    d.company_name, d.language, d.theme, d.permissions, opened.stepup_at
  FROM (SELECT 1) AS one LEFT JOIN auth_described(opened.user_id) d ON true;
END
$$;

CREATE OR REPLACE FUNCTION auth_end_session(hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE auth_session SET revoked_at = now(), totp_offered = NULL WHERE id_hash = hash AND revoked_at IS NULL
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

CREATE OR REPLACE FUNCTION auth_forget_sessions() RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM auth_session WHERE expires_at < now() - interval '30 days' RETURNING id)
  SELECT count(*)::integer FROM gone
$$;

CREATE FUNCTION core_limit_reserve(keys text[], times integer[], seconds integer[]) RETURNS double precision
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  each record;
  kept double precision[];
  wait double precision := 0;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
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
"""
COULD_CALL = {
    "auth_open_session(bytea, integer)": LOGINS,
    "auth_sessions_of(uuid, integer)": EVERYBODY,
    "core_limit_reserve(text[], integer[], integer[])": EVERYBODY,
}


def downgrade() -> None:
    for function in MAY_CALL:
        run(f"DROP FUNCTION {function}")
    run(AS_THEY_WERE)
    for function, roles in COULD_CALL.items():
        run(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        run(f"GRANT EXECUTE ON FUNCTION {function} TO {roles}")
    op.drop_table("auth_spent_token")
    op.drop_table("auth_device")
    op.drop_index(op.f("ix_auth_session_prev_hash"), "auth_session")
    for column in ("device_id", "role", "seen_at", "rotated_at", "prev_hash"):
        op.drop_column("auth_session", column)
