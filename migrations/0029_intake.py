"""Leads that arrive by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BEFORE = "leadcrm_none, leadcrm_all"  # before there is a viewer; and maintenance

# All that a supplier's program or a visitor of a web site reaches. Each asks for the hash of a key or of a link, or for
# the address of a form, and only live ones count: not revoked, of a source and a company that are in use.
FUNCTIONS = """
CREATE FUNCTION intake_live_key(hash bytea, named text) RETURNS TABLE (
  company_id uuid, inlet_id uuid, key_id uuid, per_minute integer, tells boolean, used_at timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT k.company_id, i.id, k.id, i.per_minute, i.tells_duplicates, k.last_used_at FROM intake_key k
  JOIN intake_inlet i ON i.company_id = k.company_id AND i.id = k.inlet_id AND i.active
  JOIN leads_source s ON s.company_id = i.company_id AND s.id = i.source_id AND s.active AND lower(s.key) = lower(named)
  JOIN auth_company c ON c.id = k.company_id AND c.active
  WHERE k.key_hash = hash AND k.revoked_at IS NULL
$$;

CREATE FUNCTION intake_live_form(asked text) RETURNS TABLE (
  company_id uuid, company_name text, inlet_id uuid, per_minute integer, form_id uuid)
LANGUAGE sql STABLE AS $$
  SELECT f.company_id, c.name::text, i.id, i.per_minute, f.id FROM intake_form f
  JOIN intake_inlet i ON i.company_id = f.company_id AND i.id = f.inlet_id AND i.active
  JOIN leads_source s ON s.company_id = i.company_id AND s.id = i.source_id AND s.active
  JOIN auth_company c ON c.id = f.company_id AND c.active
  WHERE f.token = asked AND f.active
$$;

-- One durable row, in the transaction of the request. Counted in parts, so that no two requests wait for one row; the
-- job that makes leads is queued unless one waits already (looking first spares the lock of core_defer_job).
CREATE FUNCTION intake_put(
  company uuid, inlet uuid, most integer, via uuid, ident uuid, through text, box bytea, told bytea, said bytea,
  spam boolean, version text)
RETURNS TABLE (receipt uuid, outcome text) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  this_minute timestamptz := date_trunc('minute', clock_timestamp());
BEGIN
  IF (SELECT coalesce(sum(w.hits), 0) FROM intake_window w
      WHERE w.company_id = company AND w.inlet_id = inlet AND w.minute = this_minute) >= most THEN
    RETURN QUERY SELECT NULL::uuid, 'busy';
    RETURN;
  END IF;
  INSERT INTO intake_arrival (company_id, id, inlet_id, way, via_id, arrived_at, state, sealed, mark, digest, suspect,
                              problems, text_version)
  VALUES (company, ident, inlet, through, via, clock_timestamp(), 'waiting', box, told, said, spam, 0, version)
  ON CONFLICT (company_id, inlet_id, mark) WHERE mark IS NOT NULL DO NOTHING;
  IF NOT FOUND THEN
    RETURN QUERY SELECT a.id, CASE WHEN a.digest = said THEN 'again' ELSE 'differs' END FROM intake_arrival a
                 WHERE a.company_id = company AND a.inlet_id = inlet AND a.mark = told;
    RETURN;
  END IF;
  INSERT INTO intake_window AS w (company_id, inlet_id, minute, part, hits)
  VALUES (company, inlet, this_minute, pg_backend_pid() % 32, 1)
  ON CONFLICT (company_id, inlet_id, minute, part) DO UPDATE SET hits = w.hits + 1;
  PERFORM intake_wake('intake.jobs.take_in', 'intake');
  RETURN QUERY SELECT ident, 'taken';
END
$$;

CREATE FUNCTION intake_wake(task text, named text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM procrastinate.procrastinate_jobs j
                 WHERE j.queueing_lock = named AND j.status = 'todo') THEN
    PERFORM core_defer_job(task, 'intake', '{"company": null, "user": null, "ids": []}'::jsonb, named, named, NULL);
  END IF;
END
$$;

CREATE FUNCTION intake_key_of(hash bytea, named text) RETURNS TABLE (company_id uuid, inlet_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.company_id, k.inlet_id FROM intake_live_key(hash, named) k
$$;

CREATE FUNCTION intake_accept(
  hash bytea, named text, ident uuid, through text, box bytea, told bytea, said bytea)
RETURNS TABLE (receipt uuid, outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  live record;
BEGIN
  SELECT * INTO live FROM intake_live_key(hash, named);
  IF live.key_id IS NULL OR through NOT IN ('api', 'form') THEN
    RETURN QUERY SELECT NULL::uuid, 'dead';
    RETURN;
  END IF;
  IF live.used_at IS NULL OR live.used_at < clock_timestamp() - interval '1 minute' THEN
    UPDATE intake_key k SET last_used_at = clock_timestamp() WHERE (k.company_id, k.id) IN (
      SELECT l.company_id, l.id FROM intake_key l
      WHERE l.company_id = live.company_id AND l.id = live.key_id FOR UPDATE SKIP LOCKED);
  END IF;
  RETURN QUERY SELECT * FROM intake_put(live.company_id, live.inlet_id, live.per_minute, live.key_id, ident, through,
                                        box, told, said, false, NULL);
END
$$;

CREATE FUNCTION intake_receipt(hash bytea, named text, ident uuid) RETURNS TABLE (
  state text, arrived_at timestamptz, alike text, set_aside text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.state::text, a.arrived_at, CASE WHEN k.tells THEN a.like_why::text END, a.set_aside::text
  FROM intake_live_key(hash, named) k
  JOIN intake_arrival a ON a.company_id = k.company_id AND a.inlet_id = k.inlet_id AND a.id = ident
$$;

CREATE FUNCTION intake_form_of(asked text) RETURNS TABLE (
  company_id uuid, company_name text, inlet_id uuid, form_id uuid, title text, intro text, thanks text, language text,
  fields json, sites json, consent_text text, marketing_text text, version integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT l.company_id, l.company_name, l.inlet_id, f.id, f.title::text, f.intro::text, f.thanks::text,
         f.language::text, f.fields, f.sites, f.consent_text::text, f.marketing_text::text, f.version
  FROM intake_live_form(asked) l JOIN intake_form f ON f.company_id = l.company_id AND f.id = l.form_id
$$;

-- What a visitor of a web site filled in; with the hash of a link when they ticked the newsletter.
CREATE FUNCTION intake_send(
  asked text, ident uuid, box bytea, told bytea, said bytea, spam boolean, version text, link bytea, lasts interval)
RETURNS TABLE (receipt uuid, outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  live record;
  became record;
BEGIN
  SELECT * INTO live FROM intake_live_form(asked);
  IF live.form_id IS NULL THEN
    RETURN QUERY SELECT NULL::uuid, 'dead';
    RETURN;
  END IF;
  SELECT * INTO became FROM intake_put(live.company_id, live.inlet_id, live.per_minute, live.form_id, ident, 'webform',
                                       box, told, said, spam, version);
  IF became.outcome = 'taken' AND link IS NOT NULL THEN
    INSERT INTO intake_opt_in (company_id, id, arrival_id, form_id, text_version, token_hash, asked_at, expires_at)
    VALUES (live.company_id, gen_random_uuid(), ident, live.form_id, version, link, clock_timestamp(),
            clock_timestamp() + lasts);
  END IF;
  RETURN QUERY SELECT became.receipt, became.outcome;
END
$$;

CREATE FUNCTION intake_opt_in_of(hash bytea) RETURNS TABLE (
  company_name text, language text, marketing_text text, confirmed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.name::text, f.language::text,
         (SELECT t.marketing_text::text FROM intake_form_text t WHERE t.company_id = o.company_id
          AND t.form_id = o.form_id AND o.text_version LIKE '% v' || t.number),
         o.confirmed_at IS NOT NULL
  FROM intake_opt_in o
  JOIN auth_company c ON c.id = o.company_id AND c.active
  JOIN intake_form f ON f.company_id = o.company_id AND f.id = o.form_id
  WHERE o.token_hash = hash AND o.expires_at > clock_timestamp()
$$;

CREATE FUNCTION intake_confirm(hash bytea, prefix text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE intake_opt_in o SET confirmed_at = clock_timestamp(), confirmed_from = left(prefix, 49)
  WHERE o.token_hash = hash AND o.expires_at > clock_timestamp() AND o.confirmed_at IS NULL
    AND EXISTS (SELECT 1 FROM auth_company c WHERE c.id = o.company_id AND c.active);
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM intake_wake('intake.jobs.record_opt_ins', 'intake opt-in');
  RETURN true;
END
$$;

-- For the navigation of every page of a manager; looks no further than it can show.
CREATE FUNCTION intake_quarantined(company uuid, role text) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT CASE WHEN role = 'companymanager' THEN (SELECT count(*)::integer FROM (
    SELECT 1 FROM intake_arrival a WHERE a.company_id = company AND a.state = 'quarantined' LIMIT 100) AS waiting)
  ELSE 0 END
$$;

CREATE FUNCTION intake_forget_windows() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM intake_window WHERE minute < clock_timestamp() - interval '1 hour'
$$;
"""

INSIDE = (
    "intake_live_key(bytea, text)",
    "intake_live_form(text)",
    "intake_wake(text, text)",
    "intake_put(uuid, uuid, integer, uuid, uuid, text, bytea, bytea, bytea, boolean, text)",
)
MAY_CALL = {
    "intake_key_of(bytea, text)": BEFORE,
    "intake_accept(bytea, text, uuid, text, bytea, bytea, bytea)": BEFORE,
    "intake_receipt(bytea, text, uuid)": BEFORE,
    "intake_form_of(text)": BEFORE,
    "intake_send(text, uuid, bytea, bytea, bytea, boolean, text, bytea, interval)": BEFORE,
    "intake_opt_in_of(bytea)": BEFORE,
    "intake_confirm(bytea, text)": BEFORE,
    "intake_quarantined(uuid, text)": "leadcrm_app, leadcrm_worker",
    "intake_forget_windows()": "leadcrm_all",
}


def upgrade() -> None:
    table_inlet()
    table_key()
    table_mailbox()
    table_window()
    table_arrival()
    table_form()
    table_form_text()
    table_opt_in()
    op.get_bind().connection.cursor().execute(FUNCTIONS)  # percent signs as they are
    for function, roles in MAY_CALL.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {roles}")
    for function in INSIDE:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")


def table_inlet() -> None:
    op.create_table(
        "intake_inlet",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("label_id", sa.Uuid(), nullable=True),
        sa.Column("goal", sa.String(length=17), nullable=True),
        sa.Column("on_duplicate", sa.String(length=4), nullable=False),
        sa.Column("tells_duplicates", sa.Boolean(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "label_id"],
            ["leads_label.company_id", "leads_label.id"],
            name=op.f("fk_intake_inlet_company_id_label_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "source_id"],
            ["leads_source.company_id", "leads_source.id"],
            name=op.f("fk_intake_inlet_company_id_source_id"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_intake_inlet")),
        sa.UniqueConstraint("company_id", "source_id", name=op.f("uq_intake_inlet_company_id_source_id")),
    )


def table_key() -> None:
    op.create_table(
        "intake_key",
        sa.Column("inlet_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("ending", sa.String(length=4), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "inlet_id"],
            ["intake_inlet.company_id", "intake_inlet.id"],
            name=op.f("fk_intake_key_company_id_inlet_id"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_intake_key")),
    )
    op.create_index(
        op.f("ix_intake_key_company_id_inlet_id_created_at"),
        "intake_key",
        ["company_id", "inlet_id", "created_at"],
        unique=False,
    )
    op.create_index(op.f("ix_intake_key_key_hash"), "intake_key", ["key_hash"], unique=True)


def table_mailbox() -> None:
    op.create_table(
        "intake_mailbox",
        sa.Column("inlet_id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=254), nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=True),
        sa.Column("folder", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=True),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.Column("problem_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "inlet_id"],
            ["intake_inlet.company_id", "intake_inlet.id"],
            name=op.f("fk_intake_mailbox_company_id_inlet_id"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_intake_mailbox")),
        sa.UniqueConstraint("company_id", "inlet_id", name=op.f("uq_intake_mailbox_company_id_inlet_id")),
    )
    op.create_index(
        op.f("ix_intake_mailbox_polled_at"),
        "intake_mailbox",
        ["polled_at"],
        unique=False,
        postgresql_where=sa.text("active"),
    )


def table_window() -> None:
    op.create_table(
        "intake_window",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("inlet_id", sa.Uuid(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "inlet_id", "minute", "part", name=op.f("pk_intake_window")),
    )
    op.create_index(op.f("ix_intake_window_minute"), "intake_window", ["minute"], unique=False)


def table_arrival() -> None:
    op.create_table(
        "intake_arrival",
        sa.Column("inlet_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=7), nullable=False),
        sa.Column("via_id", sa.Uuid(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=11), nullable=False),
        sa.Column("why", sa.String(length=9), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mark", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("suspect", sa.Boolean(), nullable=False),
        sa.Column("problems", sa.SmallInteger(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("like_id", sa.Uuid(), nullable=True),
        sa.Column("like_why", sa.String(length=40), nullable=True),
        sa.Column("text_version", sa.String(length=60), nullable=True),
        sa.Column("set_aside", sa.String(length=9), nullable=True),
        sa.Column("remark", sa.String(length=300), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "inlet_id"],
            ["intake_inlet.company_id", "intake_inlet.id"],
            name=op.f("fk_intake_arrival_company_id_inlet_id"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_intake_arrival")),
    )
    op.create_index(
        op.f("ix_intake_arrival_company_id_arrived_at_id"),
        "intake_arrival",
        ["company_id", "arrived_at", "id"],
        unique=False,
        postgresql_include=["state"],
    )
    op.create_index(
        op.f("ix_intake_arrival_company_id_inlet_id_mark"),
        "intake_arrival",
        ["company_id", "inlet_id", "mark"],
        unique=True,
        postgresql_where=sa.text("mark IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_intake_arrival_company_id_lead_id"),
        "intake_arrival",
        ["company_id", "lead_id"],
        unique=False,
        postgresql_where=sa.text("lead_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_intake_arrival_company_id_state_arrived_at_id"),
        "intake_arrival",
        ["company_id", "state", "arrived_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_intake_arrival_kept",
        "intake_arrival",
        ["arrived_at"],
        unique=False,
        postgresql_where=sa.text("sealed IS NOT NULL"),
    )
    op.create_index(
        "ix_intake_arrival_waiting",
        "intake_arrival",
        ["arrived_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )


def table_form() -> None:
    op.create_table(
        "intake_form",
        sa.Column("inlet_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("intro", sa.String(length=600), nullable=True),
        sa.Column("thanks", sa.String(length=600), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("sites", sa.JSON(), nullable=False),
        sa.Column("consent_text", sa.String(length=1000), nullable=False),
        sa.Column("marketing_text", sa.String(length=600), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "inlet_id"],
            ["intake_inlet.company_id", "intake_inlet.id"],
            name=op.f("fk_intake_form_company_id_inlet_id"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_intake_form")),
    )
    op.create_index(op.f("ix_intake_form_company_id_inlet_id"), "intake_form", ["company_id", "inlet_id"], unique=False)
    op.create_index(op.f("ix_intake_form_token"), "intake_form", ["token"], unique=True)


def table_form_text() -> None:
    op.create_table(
        "intake_form_text",
        sa.Column("form_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("consent_text", sa.String(length=1000), nullable=False),
        sa.Column("marketing_text", sa.String(length=600), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "form_id"],
            ["intake_form.company_id", "intake_form.id"],
            name=op.f("fk_intake_form_text_company_id_form_id"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_intake_form_text")),
        sa.UniqueConstraint(
            "company_id", "form_id", "number", name=op.f("uq_intake_form_text_company_id_form_id_number")
        ),
    )


def table_opt_in() -> None:
    op.create_table(
        "intake_opt_in",
        sa.Column("arrival_id", sa.Uuid(), nullable=False),
        sa.Column("form_id", sa.Uuid(), nullable=False),
        sa.Column("text_version", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_from", sa.String(length=49), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "arrival_id"],
            ["intake_arrival.company_id", "intake_arrival.id"],
            name=op.f("fk_intake_opt_in_company_id_arrival_id"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_intake_opt_in")),
        sa.UniqueConstraint("company_id", "arrival_id", name=op.f("uq_intake_opt_in_company_id_arrival_id")),
    )
    op.create_index(
        "ix_intake_opt_in_to_record",
        "intake_opt_in",
        ["confirmed_at"],
        unique=False,
        postgresql_where=sa.text("confirmed_at IS NOT NULL AND recorded_at IS NULL"),
    )
    op.create_index(op.f("ix_intake_opt_in_token_hash"), "intake_opt_in", ["token_hash"], unique=True)


def downgrade() -> None:
    for function in (*MAY_CALL, *INSIDE):
        op.execute(f"DROP FUNCTION {function}")
    for table in (
        "intake_opt_in",
        "intake_form_text",
        "intake_form",
        "intake_arrival",
        "intake_window",
        "intake_mailbox",
        "intake_key",
        "intake_inlet",
    ):
        op.drop_table(table)
