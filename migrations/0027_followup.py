"""Calls, tasks and appointments."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BEFORE = "leadcrm_none, leadcrm_all"  # before there is a viewer
OPEN = sa.text("done_at IS NULL AND removed_at IS NULL")

# Whose feed it is, for who knows its secret. That it was read is kept to the hour.
FUNCTIONS = """
CREATE FUNCTION followup_feed_of(hash bytea) RETURNS TABLE (company_id uuid, user_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE followup_feed f SET used_at = clock_timestamp()
  WHERE f.token_hash = hash AND (f.used_at IS NULL OR f.used_at < clock_timestamp() - interval '1 hour');
  RETURN QUERY
  SELECT f.company_id, f.user_id FROM followup_feed f
  JOIN auth_company c ON c.id = f.company_id AND c.active
  JOIN auth_user u ON u.company_id = f.company_id AND u.id = f.user_id AND u.active
  WHERE f.token_hash = hash;
END
$$;
"""


def upgrade() -> None:
    op.add_column("leads_lead", sa.Column("first_contact_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("core_outbox", sa.Column("calendar", sa.Text(), nullable=True))
    op.add_column("leads_entry", sa.Column("amends_id", sa.Uuid(), nullable=True))
    op.alter_column("leads_entry", "kind", type_=sa.String(length=20), existing_nullable=False)
    op.create_index(
        op.f("ix_leads_entry_company_id_amends_id"), "leads_entry", ["company_id", "amends_id"],
        postgresql_where=sa.text("amends_id IS NOT NULL"),
    )  # fmt: skip
    call()
    task()
    appointment()
    feed()
    op.get_bind().exec_driver_sql(FUNCTIONS)
    op.execute("REVOKE ALL ON FUNCTION followup_feed_of(bytea) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION followup_feed_of(bytea) TO {BEFORE}")


def of_lead(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f(f"fk_{table}_company_id_lead_id"), ondelete="CASCADE",
        ),
    ]  # fmt: skip


def to_user(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", column], ["auth_user.company_id", "auth_user.id"],
        name=op.f(f"fk_{table}_company_id_{column}"),
    )  # fmt: skip


def call() -> None:
    table = "followup_call"
    op.create_table(
        table,
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("despite", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("call_back_at", sa.DateTime(timezone=True), nullable=True),
        *of_lead(table),
        to_user(table, "by_id"),
    )
    op.create_index(op.f("ix_followup_call_company_id_lead_id_at"), table, ["company_id", "lead_id", "at"])
    op.create_index(op.f("ix_followup_call_company_id_at"), table, ["company_id", "at"])


def task() -> None:
    table = "followup_task"
    op.create_table(
        table,
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("priority", sa.String(length=20), nullable=False),
        sa.Column("remind_before", sa.String(length=10), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        *of_lead(table),
        to_user(table, "assignee_id"),
    )
    op.create_index(op.f("ix_followup_task_company_id_lead_id_due_at"), table, ["company_id", "lead_id", "due_at"])
    op.create_index(
        op.f("ix_followup_task_company_id_assignee_id_due_at_id"), table,
        ["company_id", "assignee_id", "due_at", "id"], postgresql_where=OPEN,
    )  # fmt: skip
    op.create_index(
        "ix_followup_task_company_id_due_at", table, ["company_id", "due_at", "id"], postgresql_where=OPEN
    )
    op.create_index(
        op.f("ix_followup_task_remind_at"), table, ["remind_at"], postgresql_where=sa.text("reminded_at IS NULL")
    )


def appointment() -> None:
    table = "followup_appointment"
    op.create_table(
        table,
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("moved_from_id", sa.Uuid(), nullable=True),
        sa.Column("uid", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("invited_email", sa.String(length=254), nullable=True),
        *of_lead(table),
        to_user(table, "agent_id"),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_followup_appointment_ends_after")),
    )
    op.create_index(
        op.f("ix_followup_appointment_company_id_lead_id_starts_at"), table, ["company_id", "lead_id", "starts_at"]
    )
    op.create_index(
        op.f("ix_followup_appointment_company_id_agent_id_starts_at"), table, ["company_id", "agent_id", "starts_at"]
    )
    op.create_index("ix_followup_appointment_company_id_starts_at", table, ["company_id", "starts_at"])


def feed() -> None:
    table = "followup_feed"
    op.create_table(
        table,
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_followup_feed")),
        to_user(table, "user_id"),
        sa.UniqueConstraint("company_id", "user_id", name=op.f("uq_followup_feed_company_id_user_id")),
    )
    op.create_index(op.f("ix_followup_feed_token_hash"), table, ["token_hash"], unique=True)


def downgrade() -> None:
    op.execute("DROP FUNCTION followup_feed_of(bytea)")
    for table in ("followup_feed", "followup_appointment", "followup_task", "followup_call"):
        op.drop_table(table)
    op.drop_index(op.f("ix_leads_entry_company_id_amends_id"), "leads_entry")
    op.drop_column("leads_entry", "amends_id")
    op.drop_column("core_outbox", "calendar")
    op.drop_column("leads_lead", "first_contact_at")
