"""Leads that come by the hundred: triggers that have nothing to do are not called; arrivals of one source are found."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# A new lead got no further than `new`, and most entries of a timeline hold no text: then there is nothing to keep.
TRIGGERS = """
DROP TRIGGER leads_reach_first ON leads_lead;
CREATE TRIGGER leads_reach_first BEFORE INSERT ON leads_lead FOR EACH ROW
  WHEN (NEW.stage <> 'new') EXECUTE FUNCTION leads_reach();
DROP TRIGGER leads_note_words_keep ON leads_entry;
CREATE TRIGGER leads_note_words_first AFTER INSERT ON leads_entry FOR EACH ROW
  WHEN (NEW.text IS NOT NULL OR NEW.amends_id IS NOT NULL) EXECUTE FUNCTION leads_note_words_keep();
CREATE TRIGGER leads_note_words_keep AFTER UPDATE OF text, lead_id ON leads_entry FOR EACH ROW
  WHEN (NEW.text IS DISTINCT FROM OLD.text OR NEW.lead_id <> OLD.lead_id) EXECUTE FUNCTION leads_note_words_keep();
"""
BEFORE = """
DROP TRIGGER leads_note_words_keep ON leads_entry;
DROP TRIGGER leads_note_words_first ON leads_entry;
CREATE TRIGGER leads_note_words_keep AFTER INSERT OR UPDATE OF text, lead_id ON leads_entry
  FOR EACH ROW EXECUTE FUNCTION leads_note_words_keep();
DROP TRIGGER leads_reach_first ON leads_lead;
CREATE TRIGGER leads_reach_first BEFORE INSERT ON leads_lead FOR EACH ROW EXECUTE FUNCTION leads_reach();
"""
OF_SOURCE = "ix_intake_arrival_company_id_inlet_id_arrived_at_id"


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(TRIGGERS)
    op.create_index(OF_SOURCE, "intake_arrival", ["company_id", "inlet_id", "arrived_at", "id"])


def downgrade() -> None:
    op.drop_index(OF_SOURCE, table_name="intake_arrival")
    op.get_bind().connection.cursor().execute(BEFORE)
