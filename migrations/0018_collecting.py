"""Links through which clients deliver documents."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BEFORE = "leadcrm_none, leadcrm_all"  # before there is a viewer; and maintenance
MAINTENANCE = "leadcrm_all"

# All that a client's browser reaches. Each asks for the hash of a link or of a visit, and only live ones count: not
# revoked, not expired, of a company that is in use and a lead that is not removed.
FUNCTIONS = """
CREATE FUNCTION collecting_live(hash bytea) RETURNS SETOF collecting_link LANGUAGE sql STABLE AS $$
  SELECT l.* FROM collecting_link l
  JOIN auth_company c ON c.id = l.company_id AND c.active
  JOIN leads_lead d ON d.company_id = l.company_id AND d.id = l.lead_id AND d.deleted_at IS NULL
  WHERE l.token_hash = hash AND l.revoked_at IS NULL AND l.expires_at > clock_timestamp()
$$;

CREATE FUNCTION collecting_inside(hash bytea) RETURNS SETOF collecting_link LANGUAGE sql STABLE AS $$
  SELECT live.* FROM collecting_visit v
  JOIN collecting_link l ON l.company_id = v.company_id AND l.id = v.link_id,
  LATERAL collecting_live(l.token_hash) live
  WHERE v.id_hash = hash AND v.expires_at > clock_timestamp()
$$;

CREATE FUNCTION collecting_open(hash bytea, most integer) RETURNS TABLE (
  company_id uuid, link_id uuid, company_name text, language text, code_way text, locked boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT l.company_id, l.id, c.name::text, l.language::text, l.code_way::text, l.failures >= most
  FROM collecting_live(hash) l JOIN auth_company c ON c.id = l.company_id
$$;

-- A wrong code is counted while the link is locked for everybody else: guesses at the same time count one by one.
CREATE FUNCTION collecting_enter(
  hash bytea, mac bytea, visit bytea, prefix text, lasts interval, most integer)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  link collecting_link;
BEGIN
  SELECT * INTO link FROM collecting_link l WHERE l.id = (SELECT live.id FROM collecting_live(hash) live) FOR UPDATE;
  IF link.id IS NULL THEN
    RETURN 'dead';
  END IF;
  IF link.failures >= most THEN
    RETURN 'locked';
  END IF;
  IF link.code_mac <> mac THEN
    UPDATE collecting_link l SET failures = l.failures + 1 WHERE l.company_id = link.company_id AND l.id = link.id;
    RETURN CASE WHEN link.failures + 1 >= most THEN 'locked' ELSE 'wrong' END;
  END IF;
  UPDATE collecting_link l SET failures = 0, opened_at = coalesce(l.opened_at, clock_timestamp())
  WHERE l.company_id = link.company_id AND l.id = link.id;
  INSERT INTO collecting_visit (company_id, id, lead_id, link_id, id_hash, began_at, expires_at, address_prefix)
  VALUES (link.company_id, gen_random_uuid(), link.lead_id, link.id, visit, clock_timestamp(),
          least(clock_timestamp() + lasts, link.expires_at), prefix);
  RETURN 'entered';
END
$$;

CREATE FUNCTION collecting_visit_of(hash bytea, visit bytea) RETURNS TABLE (
  company_id uuid, link_id uuid, company_name text, adviser text, client text, language text, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT l.company_id, l.id, c.name::text, coalesce(u.name, '')::text, l.name::text, l.language::text, l.expires_at
  FROM collecting_inside(visit) l
  JOIN auth_company c ON c.id = l.company_id
  LEFT JOIN auth_user u ON u.company_id = l.company_id AND u.id = l.by_id
  WHERE l.token_hash = hash
$$;

CREATE FUNCTION collecting_asked(visit bytea) RETURNS TABLE (id uuid, name text, explanation text, who text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.id, a.name::text, a.explanation::text, a.who::text FROM collecting_inside(visit) l
  JOIN collecting_ask a ON a.company_id = l.company_id AND a.link_id = l.id
  ORDER BY a.position
$$;

CREATE FUNCTION collecting_begin(
  visit bytea, blob uuid, ask uuid, file_name text, length bigint, most_files integer, most_bytes bigint)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  link collecting_link;
BEGIN
  UPDATE collecting_link l SET begun = l.begun + 1, bytes_begun = l.bytes_begun + length
  WHERE l.id = (SELECT inside.id FROM collecting_inside(visit) inside)
    AND l.begun < most_files AND l.bytes_begun + length <= most_bytes AND length >= 0
  RETURNING * INTO link;
  IF link.id IS NULL THEN
    RETURN false;
  END IF;
  INSERT INTO collecting_arrival (company_id, id, lead_id, link_id, ask_id, blob_id, name, size, begun_at, created_at,
                                  updated_at)
  VALUES (link.company_id, gen_random_uuid(), link.lead_id, link.id,
          (SELECT a.id FROM collecting_ask a
           WHERE a.company_id = link.company_id AND a.link_id = link.id AND a.id = ask),
          blob, left(file_name, 255), length, clock_timestamp(), clock_timestamp(), clock_timestamp());
  RETURN true;
END
$$;

-- Once, and only what this link itself brought in whole.
CREATE FUNCTION collecting_arrive(visit bytea, blob uuid) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  arrival collecting_arrival;
BEGIN
  UPDATE collecting_arrival a SET arrived_at = clock_timestamp(), updated_at = clock_timestamp()
  FROM collecting_inside(visit) l
  WHERE a.company_id = l.company_id AND a.link_id = l.id AND a.blob_id = blob AND a.arrived_at IS NULL
    AND EXISTS (SELECT 1 FROM core_blob b WHERE b.company_id = l.company_id AND b.id = blob AND b.made_by = l.id)
  RETURNING a.* INTO arrival;
  UPDATE collecting_link l SET files = l.files + 1, arrived_at = arrival.arrived_at
  WHERE l.company_id = arrival.company_id AND l.id = arrival.link_id;
  RETURN arrival.id;
END
$$;

-- What was announced of an upload of this link. Whose last answer got lost asks whether it has arrived.
CREATE FUNCTION collecting_upload_of(visit bytea, blob uuid) RETURNS TABLE (name text, size bigint, arrived boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.name::text, a.size, a.arrived_at IS NOT NULL FROM collecting_inside(visit) l
  JOIN collecting_arrival a ON a.company_id = l.company_id AND a.link_id = l.id
  WHERE a.blob_id = blob
$$;

CREATE FUNCTION collecting_leave(visit bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM collecting_visit WHERE id_hash = visit
$$;

CREATE FUNCTION collecting_forget() RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH v AS (DELETE FROM collecting_visit WHERE expires_at < clock_timestamp() RETURNING 1),
       a AS (DELETE FROM collecting_arrival
             WHERE arrived_at IS NULL AND begun_at < clock_timestamp() - interval '2 days' RETURNING 1)
  SELECT ((SELECT count(*) FROM v) + (SELECT count(*) FROM a))::integer
$$;

-- What arrived and never became a document (its lead was removed meanwhile) is needed by nobody.
CREATE FUNCTION collecting_doom() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE core_blob SET state = 'doomed' WHERE company_id = OLD.company_id AND id = OLD.blob_id;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION collecting_doom() FROM PUBLIC;
CREATE TRIGGER collecting_doom AFTER DELETE ON collecting_arrival
  FOR EACH ROW WHEN (OLD.arrived_at IS NOT NULL AND OLD.document_id IS NULL) EXECUTE FUNCTION collecting_doom();

REVOKE ALL ON FUNCTION collecting_live(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION collecting_inside(bytea) FROM PUBLIC;
"""

MAY_CALL = {
    "collecting_open(bytea, integer)": BEFORE,
    "collecting_enter(bytea, bytea, bytea, text, interval, integer)": BEFORE,
    "collecting_visit_of(bytea, bytea)": BEFORE,
    "collecting_asked(bytea)": BEFORE,
    "collecting_begin(bytea, uuid, uuid, text, bigint, integer, bigint)": BEFORE,
    "collecting_arrive(bytea, uuid)": BEFORE,
    "collecting_upload_of(bytea, uuid)": BEFORE,
    "collecting_leave(bytea)": BEFORE,
    "collecting_forget()": MAINTENANCE,
}


def upgrade() -> None:
    link()
    ask()
    arrival()
    visit()
    op.get_bind().exec_driver_sql(FUNCTIONS)
    for function, roles in MAY_CALL.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {roles}")


def of_lead(table: str, *, stamped: bool = True) -> list[sa.schema.SchemaItem]:
    stamps: list[sa.schema.SchemaItem] = [
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    ]
    return [
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(stamps if stamped else ()),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
    ]


def to_lead(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
        name=op.f(f"fk_{table}_company_id_lead_id"), ondelete="CASCADE",
    )  # fmt: skip


def to_link(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", "lead_id", "link_id"],
        ["collecting_link.company_id", "collecting_link.lead_id", "collecting_link.id"],
        name=op.f(f"fk_{table}_company_id_lead_id_link_id"), ondelete="CASCADE",
    )  # fmt: skip


def link() -> None:
    table = "collecting_link"
    op.create_table(
        table,
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("code_way", sa.String(length=10), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_mac", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("bytes_begun", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.SmallInteger(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        *of_lead(table),
        to_lead(table),
        sa.ForeignKeyConstraint(
            ["company_id", "lead_id", "person_id"],
            ["leads_person.company_id", "leads_person.lead_id", "leads_person.id"],
            name=op.f("fk_collecting_link_company_id_lead_id_person_id"), ondelete="CASCADE",
        ),
        sa.UniqueConstraint("company_id", "lead_id", "id", name=op.f("uq_collecting_link_company_id_lead_id_id")),
    )  # fmt: skip
    op.create_index(
        op.f("ix_collecting_link_company_id_lead_id_created_at"), table, ["company_id", "lead_id", "created_at"]
    )
    op.create_index(op.f("ix_collecting_link_token_hash"), table, ["token_hash"], unique=True)
    op.create_index(
        op.f("ix_collecting_link_expires_at"), table, ["expires_at"], postgresql_where=sa.text("revoked_at IS NULL")
    )


def ask() -> None:
    table = "collecting_ask"
    op.create_table(
        table,
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("explanation", sa.String(length=400), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        *of_lead(table),
        to_lead(table),
        to_link(table),
        sa.UniqueConstraint(
            "company_id", "link_id", "position", name=op.f("uq_collecting_ask_company_id_link_id_position")
        ),
    )


def arrival() -> None:
    table = "collecting_arrival"
    op.create_table(
        table,
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("ask_id", sa.Uuid(), nullable=True),
        sa.Column("blob_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        *of_lead(table),
        to_lead(table),
        to_link(table),
        sa.UniqueConstraint("company_id", "blob_id", name=op.f("uq_collecting_arrival_company_id_blob_id")),
    )
    op.create_index(
        op.f("ix_collecting_arrival_company_id_lead_id_link_id"), table, ["company_id", "lead_id", "link_id"]
    )
    op.create_index(
        op.f("ix_collecting_arrival_begun_at"), table, ["begun_at"], postgresql_where=sa.text("arrived_at IS NULL")
    )


def visit() -> None:
    table = "collecting_visit"
    op.create_table(
        table,
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address_prefix", sa.String(length=49), nullable=False),
        *of_lead(table, stamped=False),
        to_link(table),
    )
    op.create_index(op.f("ix_collecting_visit_id_hash"), table, ["id_hash"], unique=True)
    op.create_index(op.f("ix_collecting_visit_expires_at"), table, ["expires_at"])


def downgrade() -> None:
    for function in (*MAY_CALL, "collecting_inside(bytea)", "collecting_live(bytea)"):
        op.execute(f"DROP FUNCTION {function}")
    for table in ("collecting_visit", "collecting_arrival", "collecting_ask", "collecting_link"):
        op.drop_table(table)
    op.execute("DROP FUNCTION collecting_doom()")
