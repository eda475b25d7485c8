"""What one person has belongs to a person of the same lead.

The old key named the person alone: nothing kept an income from naming a person of another lead, and removing a person
looked through the whole company for theirs (an undone import of 20,000 leads among 300,000 did not end).
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OF_ONE_PERSON = ("leads_asset", "leads_consent", "leads_income", "leads_obligation")
UNIQUE = "uq_leads_person_company_id_lead_id_id"


def upgrade() -> None:
    op.create_unique_constraint(UNIQUE, "leads_person", ["company_id", "lead_id", "id"])
    for table in OF_ONE_PERSON:
        op.drop_constraint(f"fk_{table}_company_id_person_id", table, type_="foreignkey")
        refer(table, "lead_id", "person_id")


def downgrade() -> None:
    for table in OF_ONE_PERSON:
        op.drop_constraint(f"fk_{table}_company_id_lead_id_person_id", table, type_="foreignkey")
        refer(table, "person_id")
    op.drop_constraint(UNIQUE, "leads_person", type_="unique")


def refer(table: str, *columns: str) -> None:
    remote = ["id" if column == "person_id" else column for column in columns]
    op.create_foreign_key(
        op.f(f"fk_{table}_company_id_{'_'.join(columns)}"),
        table, "leads_person", ["company_id", *columns], ["company_id", *remote], ondelete="CASCADE",
    )  # fmt: skip
