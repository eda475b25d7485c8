"""How far each lead came, and what figures keep."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BY_DAY = "ix_leads_lead_company_id_created_at_id"
COUNTED = [
    "owner_id", "source_id", "label_id", "supplier_id", "stage", "stage_since", "reached", "lead_cost",
    "mortgage_amount", "return_reason", "return_deadline", "first_contact_at",
]  # fmt: skip
IN_WORK = "ix_leads_lead_in_work"
# In the order of the pipeline; a test holds this against rank_of(). A no-show came no further than its appointment.
RANKS = (
    "new", "assigned", "contact_sought", "appointment_planned", "appointment_held", "engaged", "inventory", "advice",
    "submitted", "in_process", "rate_offer", "awaiting_papers", "underwriting", "binding_offer", "final_approval",
    "paid_out", "in_service",
)  # fmt: skip
UNDER_WAY = ", ".join(f"'{stage}'" for stage in (*RANKS[:4], "no_show", *RANKS[4:15]))
CLOSED = "'rejected', 'ended', 'unreachable', 'not_interested', 'duplicate', 'returned'"
CASES = " ".join(f"WHEN '{stage}' THEN {rank}" for rank, stage in enumerate(RANKS))
RANK = f"""
CREATE FUNCTION leads_rank(stage text) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (CASE stage {CASES} WHEN 'no_show' THEN 3 ELSE 0 END)::smallint
$$;
"""  # noqa: S608  words of this file

# A stage that is left backwards within the hour was a mistake or was undone: then it was never reached. Nothing else
# takes anything back, and closing is not going backwards. A trigger, so that no way of moving leads can forget it.
REACH = f"""
CREATE FUNCTION leads_reach() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.reached := greatest(NEW.reached, public.leads_rank(NEW.stage));
  ELSIF public.leads_rank(NEW.stage) < public.leads_rank(OLD.stage) AND NEW.stage NOT IN ({CLOSED})
        AND NEW.stage_since < OLD.stage_since + interval '1 hour' THEN
    NEW.reached_before := OLD.reached_before;
    NEW.reached := greatest(OLD.reached_before, public.leads_rank(NEW.stage));
  ELSE
    NEW.reached_before := OLD.reached;
    NEW.reached := greatest(OLD.reached, public.leads_rank(NEW.stage));
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER leads_reach_first BEFORE INSERT ON leads_lead FOR EACH ROW EXECUTE FUNCTION leads_reach();
CREATE TRIGGER leads_reach_on BEFORE UPDATE OF stage, stage_since ON leads_lead FOR EACH ROW
  WHEN (OLD.stage <> NEW.stage OR OLD.stage_since <> NEW.stage_since) EXECUTE FUNCTION leads_reach();
"""  # noqa: S608  words of this file

# Leads that are there already: how far they stand, or came according to their timeline.
BACKFILL = """
UPDATE leads_lead AS l SET reached = greatest(leads_rank(l.stage), coalesce(t.reached, 0))
FROM leads_lead AS same LEFT JOIN (
  SELECT company_id, lead_id, max(greatest(leads_rank(subject), leads_rank(previous))) AS reached
  FROM leads_entry WHERE kind = 'stage' GROUP BY company_id, lead_id
) AS t ON t.company_id = same.company_id AND t.lead_id = same.id
WHERE same.company_id = l.company_id AND same.id = l.id
  AND greatest(leads_rank(l.stage), coalesce(t.reached, 0)) > 0
"""


# Labels and suppliers go together: without this the planner expects a cell for every lead, and sorts where it can hash.
TOGETHER = """
CREATE STATISTICS leads_counted (ndistinct)
  ON owner_id, source_id, label_id, supplier_id, stage, reached, return_reason FROM leads_lead
"""


def upgrade() -> None:
    op.add_column("leads_lead", sa.Column("reached", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("leads_lead", sa.Column("reached_before", sa.SmallInteger(), server_default="0", nullable=False))
    op.execute(RANK)
    op.execute(BACKFILL)
    op.execute(REACH)
    op.execute(TOGETHER)
    by_day(COUNTED)
    in_work(["stage", "stage_since", "mortgage_amount"])
    kept()
    chance()


def by_day(beside: list[str]) -> None:
    """The index of the newest leads, with what figures count beside its key."""
    op.drop_index(BY_DAY, table_name="leads_lead")
    op.create_index(
        BY_DAY, "leads_lead", ["company_id", "created_at", "id"], postgresql_where=sa.text("deleted_at IS NULL"),
        postgresql_include=beside,
    )  # fmt: skip


def in_work(beside: list[str]) -> None:
    """The index of what runs, with what it may become beside its key."""
    op.drop_index(IN_WORK, table_name="leads_lead")
    op.create_index(
        IN_WORK, "leads_lead", ["company_id", "owner_id"], postgresql_include=beside,
        postgresql_where=sa.text(f"deleted_at IS NULL AND stage IN ({UNDER_WAY})"),
    )  # fmt: skip


def kept() -> None:
    op.create_table(
        "figures_kept",
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("asked", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", JSONB(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_figures_kept")),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_figures_kept_company_id")),
    )
    op.create_index(
        op.f("ix_figures_kept_company_id_user_id_asked_made_at"), "figures_kept",
        ["company_id", "user_id", "asked", "made_at"],
    )  # fmt: skip


def chance() -> None:
    op.create_table(
        "figures_chance",
        sa.Column("stage", sa.String(length=19), nullable=False),
        sa.Column("chance", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_figures_chance")),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_figures_chance_company_id")),
        sa.UniqueConstraint("company_id", "stage", name=op.f("uq_figures_chance_company_id_stage")),
    )


def downgrade() -> None:
    op.drop_table("figures_chance")
    op.drop_table("figures_kept")
    op.execute("DROP STATISTICS leads_counted")
    by_day([])
    in_work([])
    op.execute("DROP TRIGGER leads_reach_first ON leads_lead; DROP TRIGGER leads_reach_on ON leads_lead")
    op.execute("DROP FUNCTION leads_reach(); DROP FUNCTION leads_rank(text)")
    op.drop_column("leads_lead", "reached_before")
    op.drop_column("leads_lead", "reached")
