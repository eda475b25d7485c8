"""Words of notes that were mended or taken back stay away, in whatever order the lines of a timeline are moved."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

# What holds of a note is its last version. A line that is not that one says nothing: when a lead's timeline goes to
# another lead, its lines come by in any order, and the first version of a removed note must not bring it back.
KEEP = """
CREATE OR REPLACE FUNCTION leads_note_words_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.text IS NULL AND NEW.amends_id IS NULL AND TG_OP = 'INSERT' THEN
    RETURN NULL;
  END IF;
  {guard}
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
"""
GUARD = """IF TG_OP = 'UPDATE' AND EXISTS (
    SELECT FROM leads_entry later
    WHERE later.company_id = NEW.company_id AND later.amends_id = coalesce(NEW.amends_id, NEW.id)
      AND later.at > NEW.at AND later.id <> NEW.id) THEN
    RETURN NULL;
  END IF;"""
# What such a move may have brought back already, and old words of what was mended since.
FORGET = """
DELETE FROM leads_note_words n USING leads_entry later
WHERE later.company_id = n.company_id AND later.amends_id = n.id AND later.at > n.at
"""


def upgrade() -> None:
    op.execute(KEEP.format(guard=GUARD))
    op.execute(FORGET)


def downgrade() -> None:
    op.execute(KEEP.format(guard=""))
