"""Searching everywhere: names that sound alike, words of notes, and a function that asks it all behind the policies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# @@ and && are not leakproof, so under a policy their index would not be used. These functions belong to the owner,
# who is not narrowed: they repeat the scope of Lead.visible_to and return ids only; rows are read under the policy.
# The statements are put together with their values, because the planner knows about how common a word is: a common one
# is met on the way through the newest leads, a rare one is looked up. The way is bounded: the planner may be wrong.
SEARCH = """
CREATE OR REPLACE FUNCTION leads_search(query text, most integer) RETURNS TABLE (id uuid, created_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 100  -- it changes nothing, but only a volatile one may EXPLAIN
SET search_path = public, pg_temp SET enable_seqscan = off SET enable_indexscan = on AS $$
DECLARE
  newest CONSTANT integer := CASE current_setting('role') WHEN 'leadcrm_own' THEN 1000 ELSE 4000 + 40 * most END;
  visible text;
  plan json;
BEGIN
  visible := 'FROM leads_lead l WHERE l.deleted_at IS NULL AND l.company_id = %L' || CASE current_setting('role')
    WHEN 'leadcrm_company' THEN ''  -- the caller's scope role, also inside a definer function
    WHEN 'leadcrm_own' THEN ' AND l.owner_id = %L' END;
  IF visible IS NULL THEN
    RETURN;
  END IF;
  visible := format(visible, nullif(current_setting('app.company', true), '')::uuid,
                    nullif(current_setting('app.user', true), '')::uuid);
  EXECUTE format('EXPLAIN (FORMAT JSON) SELECT 1 %s AND l.search @@ %L::tsquery', visible, query) INTO plan;
  IF (plan->0->'Plan'->>'Plan Rows')::float > 10 * most OR current_setting('role') = 'leadcrm_own' THEN
    RETURN QUERY EXECUTE format(
      'WITH met AS MATERIALIZED (SELECT w.id, w.created_at FROM (SELECT l.id, l.created_at, l.search %s '
      'ORDER BY l.created_at DESC, l.id DESC LIMIT %s) w WHERE w.search @@ %L::tsquery LIMIT %s) '
      'SELECT * FROM met WHERE (SELECT count(*) FROM met) = %s', visible, newest, query, most, most);
    IF FOUND THEN
      RETURN;
    END IF;
  END IF;
  PERFORM set_config('enable_indexscan', 'off', true);  -- here only: never through all leads
  RETURN QUERY EXECUTE format(
    'SELECT l.id, l.created_at %s AND l.search @@ %L::tsquery ORDER BY l.created_at DESC, l.id DESC LIMIT %s',
    visible, query, most);
END
$$;
"""

# An agent's are looked for among the newest of her company's that have these words: of a rare word those are all. Of a
# word that stands in very many notes, but in few of the newest, some are looked at (gin_fuzzy_search_limit).
NOTES = """
CREATE FUNCTION leads_search_notes(query text, most integer)
RETURNS TABLE (id uuid, created_at timestamptz, entry_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = public, pg_temp SET enable_seqscan = off SET enable_indexscan = on SET gin_fuzzy_search_limit = 3000
AS $$
DECLARE
  office CONSTANT uuid := nullif(current_setting('app.company', true), '')::uuid;
  person CONSTANT uuid := nullif(current_setting('app.user', true), '')::uuid;
  own CONSTANT boolean := current_setting('role') = 'leadcrm_own';
  looked_at CONSTANT integer := CASE WHEN own THEN 300 ELSE 2 * most END;
  entries uuid[];
BEGIN
  IF NOT (own OR current_setting('role') = 'leadcrm_company') THEN
    RETURN;
  END IF;
  entries := ARRAY(SELECT w.id FROM (
    SELECT n.id, n.words FROM leads_note_words n WHERE n.company_id = office ORDER BY n.at DESC LIMIT 2000) w
    WHERE w.words @@ query::tsquery LIMIT looked_at);
  IF cardinality(entries) < looked_at THEN
    PERFORM set_config('enable_indexscan', 'off', true);  -- here only: never through all notes for a rare word
    EXECUTE format('SELECT array(SELECT n.id FROM leads_note_words n WHERE n.company_id = %L '
                   'AND n.words @@ %L::tsquery ORDER BY n.at DESC LIMIT %s)', office, query, looked_at) INTO entries;
    PERFORM set_config('enable_indexscan', 'on', true);
  END IF;
  RETURN QUERY SELECT l.id, l.created_at, n.entry_id FROM unnest(entries) AS e (id)
    JOIN leads_note_words n ON n.company_id = office AND n.id = e.id
    JOIN leads_lead l ON l.company_id = office AND l.id = n.lead_id AND l.deleted_at IS NULL
    WHERE NOT own OR l.owner_id = person
    ORDER BY n.at DESC LIMIT most;
END
$$;
"""

# All of it: whole words before such as have only begun, before notes; names that sound alike if nothing else is.
FOUND = """
CREATE FUNCTION leads_found(asked text, most integer)
RETURNS TABLE (id uuid, created_at timestamptz, how text, entry_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 100 SET search_path = public, pg_temp AS $$
DECLARE
  queries CONSTANT jsonb := asked::jsonb;
  company CONSTANT uuid := nullif(current_setting('app.company', true), '')::uuid;
  begun uuid[];
  since timestamptz[];
  sure_since timestamptz[];
  known uuid[] := '{}';
  alike text;
BEGIN
  SELECT coalesce(array_agg(s.id), '{}'), array_agg(s.created_at) INTO begun, since
  FROM leads_search(queries->>'begins', most) s;
  IF cardinality(begun) >= most AND queries ? 'exact' THEN  -- they may hide those that are written just so
    SELECT coalesce(array_agg(s.id), '{}'), array_agg(s.created_at) INTO known, sure_since
    FROM leads_search(queries->>'exact', most) s;
    RETURN QUERY SELECT f.id, f.at, 'exact', NULL::uuid FROM unnest(known, sure_since) AS f (id, at);
  END IF;
  RETURN QUERY SELECT f.id, f.at, 'begins', NULL::uuid FROM unnest(begun, since) AS f (id, at)
    WHERE f.id <> ALL (known) LIMIT most - cardinality(known);
  known := known || begun;
  IF queries ? 'noted' AND cardinality(known) < most THEN
    RETURN QUERY SELECT DISTINCT ON (n.id) n.id, n.created_at, 'noted', n.entry_id
      FROM leads_search_notes(queries->>'noted', most - cardinality(known)) n WHERE n.id <> ALL (known);
    IF FOUND THEN
      RETURN;
    END IF;
  END IF;
  IF known = '{}' AND queries ? 'like' THEN
    SELECT string_agg('(' || (term->>'word') || coalesce((
      SELECT string_agg(' | ' || quote_literal(left(replace(company::text, '-', ''), 6) || meant.word), '') FROM (
        SELECT w.word FROM leads_name_word w WHERE w.company_id = company
          AND w.fingerprints && ARRAY(SELECT jsonb_array_elements_text(term->'meant')::bigint)
        ORDER BY w.times DESC LIMIT 12) AS meant), '') || ')', ' & ') INTO alike
    FROM jsonb_array_elements(queries->'like') AS term;
    RETURN QUERY SELECT s.id, s.created_at, 'like', NULL::uuid FROM leads_search(alike, most) s;
  END IF;
END
$$;
"""

# The words of a text on the timeline, marked with its company as everywhere. A note that was mended is one note
# (leads_entry.amends_id comes with 0027; until then nothing can be mended).
WORDS_OF_NOTES = """
CREATE FUNCTION leads_words_of(company uuid, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT array_to_tsvector(ARRAY(
    SELECT DISTINCT left(replace(company::text, '-', ''), 6) || left(w.word, 60)
    FROM regexp_split_to_table(
      translate(lower(body), 'áàâäãåçéèêëíìîïñóòôöõøúùûüýÿ', 'aaaaaaceeeeiiiinoooooouuuuyy'), '[^[:alnum:]]+'
    ) AS w (word)
    WHERE length(w.word) > 1))
$$;

CREATE FUNCTION leads_note_words_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.text IS NULL AND NEW.amends_id IS NULL AND TG_OP = 'INSERT' THEN
    RETURN NULL;
  END IF;
  IF coalesce(NEW.text, '') = '' THEN
    DELETE FROM leads_note_words n
    WHERE n.company_id = NEW.company_id AND n.id = coalesce(NEW.amends_id, NEW.id) AND n.at <= NEW.at;
  ELSE
    INSERT INTO leads_note_words AS n (company_id, id, entry_id, lead_id, at, words)
    VALUES (NEW.company_id, coalesce(NEW.amends_id, NEW.id), NEW.id, NEW.lead_id, NEW.at,
            leads_words_of(NEW.company_id, NEW.text))
    ON CONFLICT (company_id, id) DO UPDATE
    SET entry_id = EXCLUDED.entry_id, lead_id = EXCLUDED.lead_id, at = EXCLUDED.at, words = EXCLUDED.words
    WHERE n.at <= EXCLUDED.at;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER leads_note_words_keep AFTER INSERT OR UPDATE OF text, lead_id ON leads_entry
FOR EACH ROW EXECUTE FUNCTION leads_note_words_keep();

INSERT INTO leads_note_words (company_id, id, entry_id, lead_id, at, words)
SELECT e.company_id, e.id, e.id, e.lead_id, e.at, leads_words_of(e.company_id, e.text)
FROM leads_entry e WHERE e.text IS NOT NULL;
"""

# The last leads that somebody opened. Whoever has no account in this company (behind broken glass) keeps no such list.
SAW = """
CREATE FUNCTION searching_saw(lead uuid, most integer) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  office CONSTANT uuid := nullif(current_setting('app.company', true), '')::uuid;
  person CONSTANT uuid := nullif(current_setting('app.user', true), '')::uuid;
BEGIN
  INSERT INTO searching_seen AS s (company_id, id, user_id, lead_id, at)
  SELECT office, gen_random_uuid(), person, lead, clock_timestamp()
  WHERE EXISTS (SELECT 1 FROM auth_user u WHERE u.company_id = office AND u.id = person)
  ON CONFLICT (company_id, user_id, lead_id) DO UPDATE SET at = clock_timestamp()
  WHERE s.at < clock_timestamp() - interval '10 seconds';
  IF FOUND THEN
    DELETE FROM searching_seen s WHERE s.company_id = office AND s.user_id = person AND s.id NOT IN (
      SELECT kept.id FROM searching_seen kept WHERE kept.company_id = office AND kept.user_id = person
      ORDER BY kept.at DESC LIMIT most);
  END IF;
END
$$;
"""

PEOPLE = "leadcrm_own, leadcrm_company, leadcrm_none"
MAY_CALL = {
    "leads_search_notes(text, integer)": PEOPLE, "leads_found(text, integer)": PEOPLE,
    "searching_saw(uuid, integer)": PEOPLE,
    "leads_words_of(uuid, text)": "leadcrm_owner", "leads_note_words_keep()": "leadcrm_owner",
}  # fmt: skip


def upgrade() -> None:
    name_words()
    note_words()
    seen()
    for statements in (SEARCH, NOTES, FOUND, WORDS_OF_NOTES, SAW):
        run(statements)
    op.create_index(op.f("ix_leads_note_words_words"), "leads_note_words", ["words"], postgresql_using="gin")
    for function, roles in MAY_CALL.items():
        run(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {function} TO {roles}")


def name_words() -> None:
    op.create_table(
        "leads_name_word",
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("fingerprints", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        *company_row("leads_name_word"),
    )
    op.create_index(op.f("ix_leads_name_word_company_id_word"), "leads_name_word", ["company_id", "word"], unique=True)
    op.create_index(
        op.f("ix_leads_name_word_fingerprints"), "leads_name_word", ["fingerprints"], postgresql_using="gin"
    )
    op.create_table(
        "leads_indexed",
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("reached", sa.Uuid(), nullable=True),
        sa.Column("names_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *company_row("leads_indexed"),
    )


def note_words() -> None:
    op.create_table(
        "leads_note_words",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", TSVECTOR(), nullable=False),
        *company_row("leads_note_words"),
        sa.ForeignKeyConstraint(
            ["company_id", "entry_id"], ["leads_entry.company_id", "leads_entry.id"],
            name=op.f("fk_leads_note_words_company_id_entry_id"), ondelete="CASCADE",
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_leads_note_words_company_id_entry_id"), "leads_note_words", ["company_id", "entry_id"])
    op.create_index(op.f("ix_leads_note_words_company_id_at"), "leads_note_words", ["company_id", "at"])


def seen() -> None:
    op.create_table(
        "searching_seen",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *company_row("searching_seen"),
        sa.ForeignKeyConstraint(
            ["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_searching_seen_company_id_lead_id"), ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"],
            name=op.f("fk_searching_seen_company_id_user_id"), ondelete="CASCADE",
        ),
    )  # fmt: skip
    unique = op.f("ix_searching_seen_company_id_user_id_lead_id")
    op.create_index(unique, "searching_seen", ["company_id", "user_id", "lead_id"], unique=True)
    op.create_index(op.f("ix_searching_seen_company_id_lead_id"), "searching_seen", ["company_id", "lead_id"])


def company_row(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
    )


def run(statements: str) -> None:
    """Several statements at once, percent signs as they are."""
    op.get_bind().connection.cursor().execute(statements)


# As 0003 has it.
BEFORE = """
DROP FUNCTION leads_search;
CREATE FUNCTION leads_search(query text, most integer) RETURNS TABLE (id uuid, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100 SET search_path = public, pg_temp AS $$
  SELECT l.id, l.created_at FROM leads_lead l
  WHERE l.company_id = nullif(current_setting('app.company', true), '')::uuid
    AND CASE current_setting('role')
          WHEN 'leadcrm_company' THEN true
          WHEN 'leadcrm_own' THEN l.owner_id = nullif(current_setting('app.user', true), '')::uuid
          ELSE false END
    AND l.deleted_at IS NULL
    AND l.search @@ query::tsquery
  ORDER BY l.created_at DESC, l.id DESC LIMIT most
$$;
REVOKE ALL ON FUNCTION leads_search(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leads_search(text, integer) TO leadcrm_own, leadcrm_company, leadcrm_none;
"""


def downgrade() -> None:
    run(BEFORE)
    op.execute("DROP TRIGGER leads_note_words_keep ON leads_entry")
    op.execute("DROP FUNCTION searching_saw, leads_found, leads_search_notes, leads_note_words_keep, leads_words_of")
    for table in ("searching_seen", "leads_note_words", "leads_indexed", "leads_name_word"):
        op.drop_table(table)
