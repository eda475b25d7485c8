"""Who gets which lead."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

PEOPLE = "leadcrm_own, leadcrm_company"  # agents, and managers to whom a lead is handed
UNDER_WAY = "claimed_at IS NULL AND handed_back_at IS NULL AND declined_at IS NULL AND withdrawn_at IS NULL"
IN_WORK = """deleted_at IS NULL AND stage IN (
    'new', 'assigned', 'contact_sought', 'appointment_planned', 'no_show', 'appointment_held', 'engaged', 'inventory',
    'advice', 'submitted', 'in_process', 'rate_offer', 'awaiting_papers', 'underwriting', 'binding_offer',
    'final_approval')"""

# The receiver does not see the lead: this gives it to them, when it was handed to them, still waits, and the giver
# still has it. Nobody else can call it for them; who may only look cannot call it at all.
ANSWER = """
CREATE FUNCTION distribution_answer(asked uuid, accepts boolean, said text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  office uuid := nullif(current_setting('app.company', true), '')::uuid;
  me uuid := nullif(current_setting('app.user', true), '')::uuid;
  handover distribution_handover;
BEGIN
  IF nullif(current_setting('app.read_only', true), '') IS NOT NULL THEN
    RETURN NULL;
  END IF;
  SELECT * INTO handover FROM distribution_handover h
  WHERE h.company_id = office AND h.id = asked AND h.to_id = me AND h.state = 'waiting' FOR UPDATE;
  IF handover.id IS NULL THEN
    RETURN NULL;
  END IF;
  IF accepts THEN
    UPDATE leads_lead l SET owner_id = me, updated_at = clock_timestamp()
    WHERE l.company_id = office AND l.id = handover.lead_id AND l.deleted_at IS NULL
      AND l.owner_id IS NOT DISTINCT FROM handover.from_id
      AND EXISTS (SELECT 1 FROM auth_user u WHERE u.company_id = office AND u.id = me AND u.active);
    IF NOT FOUND THEN
      RETURN NULL;
    END IF;
    UPDATE distribution_claim c SET withdrawn_at = clock_timestamp(), updated_at = clock_timestamp()
    WHERE c.company_id = office AND c.lead_id = handover.lead_id AND c.claimed_at IS NULL
      AND c.handed_back_at IS NULL AND c.declined_at IS NULL AND c.withdrawn_at IS NULL;
  END IF;
  UPDATE distribution_handover h
  SET state = CASE WHEN accepts THEN 'accepted' ELSE 'declined' END, answer = said,
      answered_at = clock_timestamp(), updated_at = clock_timestamp()
  WHERE h.company_id = office AND h.id = asked;
  RETURN handover.lead_id;
END
$$;
"""


def upgrade() -> None:
    setting()
    rule()
    turn()
    profile()
    absence()
    decision()
    claim()
    waiting()
    handover()
    op.add_column("leads_lead", sa.Column("language", sa.String(length=20), nullable=True))
    op.create_index(
        "ix_leads_lead_in_work", "leads_lead", ["company_id", "owner_id"], postgresql_where=sa.text(IN_WORK)
    )
    op.get_bind().exec_driver_sql(ANSWER)
    op.execute("REVOKE ALL ON FUNCTION distribution_answer(uuid, boolean, text) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION distribution_answer(uuid, boolean, text) TO {PEOPLE}")


def refers(table: str, column: str, to: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    columns, others = ["company_id", column], [f"{to}.company_id", f"{to}.id"]
    return sa.ForeignKeyConstraint(columns, others, name=op.f(f"fk_{table}_company_id_{column}"), ondelete=ondelete)


def setting() -> None:
    op.create_table(
        "distribution_setting",
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("active_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim_minutes", sa.Integer(), nullable=True),
        sa.Column("most_offers", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_distribution_setting_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_distribution_setting")),
        sa.UniqueConstraint("company_id", name=op.f("uq_distribution_setting_company_id")),
    )


def rule() -> None:
    op.create_table(
        "distribution_rule",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("regions", sa.String(length=400), nullable=True),
        sa.Column("goals", sa.ARRAY(sa.String(length=30)), nullable=False),
        sa.Column("employments", sa.ARRAY(sa.String(length=30)), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("label_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("source_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("agent_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("traits", sa.ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("turns", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_distribution_rule_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_distribution_rule")),
    )


def turn() -> None:
    op.create_table(
        "distribution_turn",
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("served", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        refers("distribution_turn", "rule_id", "distribution_rule"),
        refers("distribution_turn", "user_id", "auth_user"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_distribution_turn")),
        sa.UniqueConstraint(
            "company_id", "rule_id", "user_id", name=op.f("uq_distribution_turn_company_id_rule_id_user_id")
        ),
    )


def profile() -> None:
    op.create_table(
        "distribution_profile",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("takes_part", sa.Boolean(), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.Column("open_most", sa.Integer(), nullable=True),
        sa.Column("regions", sa.String(length=400), nullable=True),
        sa.Column("goals", sa.ARRAY(sa.String(length=30)), nullable=False),
        sa.Column("employments", sa.ARRAY(sa.String(length=30)), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("works_holidays", sa.Boolean(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        refers("distribution_profile", "user_id", "auth_user"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_distribution_profile")),
        sa.UniqueConstraint("company_id", "user_id", name=op.f("uq_distribution_profile_company_id_user_id")),
    )


def absence() -> None:
    op.create_table(
        "distribution_absence",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_distribution_absence_in_order")),
        refers("distribution_absence", "user_id", "auth_user"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_distribution_absence")),
    )
    op.create_index(
        op.f("ix_distribution_absence_company_id_user_id_last_on"),
        "distribution_absence",
        ["company_id", "user_id", "last_on"],
        unique=False,
    )


def decision() -> None:
    op.create_table(
        "distribution_decision",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("among", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        refers("distribution_decision", "lead_id", "leads_lead", ondelete="CASCADE"),
        refers("distribution_decision", "rule_id", "distribution_rule"),
        refers("distribution_decision", "user_id", "auth_user"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_distribution_decision")),
    )
    op.create_index(
        op.f("ix_distribution_decision_company_id_at_id"),
        "distribution_decision",
        ["company_id", "at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_distribution_decision_company_id_lead_id_at"),
        "distribution_decision",
        ["company_id", "lead_id", "at"],
        unique=False,
    )


def claim() -> None:
    op.create_table(
        "distribution_claim",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("rule_id", sa.Uuid(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.String(length=500), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        refers("distribution_claim", "decision_id", "distribution_decision", ondelete="CASCADE"),
        refers("distribution_claim", "lead_id", "leads_lead", ondelete="CASCADE"),
        refers("distribution_claim", "rule_id", "distribution_rule"),
        refers("distribution_claim", "user_id", "auth_user"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_distribution_claim")),
    )
    op.create_index(
        op.f("ix_distribution_claim_company_id_assigned_at_id"),
        "distribution_claim",
        ["company_id", "assigned_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_distribution_claim_company_id_lead_id_assigned_at"),
        "distribution_claim",
        ["company_id", "lead_id", "assigned_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_distribution_claim_company_id_user_id_assigned_at"),
        "distribution_claim",
        ["company_id", "user_id", "assigned_at"],
        unique=False,
    )
    op.create_index(
        "ix_distribution_claim_due",
        "distribution_claim",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text(
            "claimed_at IS NULL AND handed_back_at IS NULL AND declined_at IS NULL AND withdrawn_at IS NULL"
        ),
    )
    op.create_index(
        "uq_distribution_claim_under_way",
        "distribution_claim",
        ["company_id", "lead_id"],
        unique=True,
        postgresql_where=sa.text(
            "claimed_at IS NULL AND handed_back_at IS NULL AND declined_at IS NULL AND withdrawn_at IS NULL"
        ),
    )


def waiting() -> None:
    op.create_table(
        "distribution_waiting",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        refers("distribution_waiting", "lead_id", "leads_lead", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_distribution_waiting")),
        sa.UniqueConstraint("company_id", "lead_id", name=op.f("uq_distribution_waiting_company_id_lead_id")),
    )
    op.create_index(
        op.f("ix_distribution_waiting_company_id_since_id"),
        "distribution_waiting",
        ["company_id", "since", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_distribution_waiting_retry_at"), "distribution_waiting", ["retry_at"], unique=False)


def handover() -> None:
    op.create_table(
        "distribution_handover",
        sa.Column("from_id", sa.Uuid(), nullable=True),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=True),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("goal", sa.String(length=30), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        refers("distribution_handover", "from_id", "auth_user"),
        refers("distribution_handover", "lead_id", "leads_lead", ondelete="CASCADE"),
        refers("distribution_handover", "to_id", "auth_user"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_distribution_handover")),
    )
    op.create_index(
        op.f("ix_distribution_handover_company_id_asked_at_id"),
        "distribution_handover",
        ["company_id", "asked_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_distribution_handover_company_id_from_id_asked_at"),
        "distribution_handover",
        ["company_id", "from_id", "asked_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_distribution_handover_company_id_to_id_asked_at"),
        "distribution_handover",
        ["company_id", "to_id", "asked_at"],
        unique=False,
    )
    op.create_index(
        "uq_distribution_handover_open",
        "distribution_handover",
        ["company_id", "lead_id"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION distribution_answer(uuid, boolean, text)")
    op.drop_index("ix_leads_lead_in_work", "leads_lead")
    op.drop_column("leads_lead", "language")
    for table in ("handover", "waiting", "claim", "decision", "absence", "profile", "turn", "rule", "setting"):
        op.drop_table(f"distribution_{table}")
