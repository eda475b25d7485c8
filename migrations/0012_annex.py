"""Dated versions of the annex, what was measured for it, to whom it went, and the register of suppliers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("annex_measurement", "annex_version", "annex_dispatch", "annex_supplier")

FROZEN = """
CREATE FUNCTION annex_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a dated version is never changed or removed';
END
$$;
CREATE TRIGGER annex_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON annex_version
  FOR EACH STATEMENT EXECUTE FUNCTION annex_frozen();
"""


def of_company() -> tuple[sa.Column[object], sa.Column[object]]:
    return sa.Column("company_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)


def key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}"))


def upgrade() -> None:
    op.create_table(
        "annex_measurement",
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("title", postgresql.JSONB(), nullable=False),
        sa.Column("found", postgresql.JSONB(), nullable=False),
        sa.Column("remedy", postgresql.JSONB(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        *of_company(),
        key("annex_measurement"),
        sa.UniqueConstraint("company_id", "check_name", name=op.f("uq_annex_measurement_company_id_check_name")),
    )
    op.create_table(
        "annex_version",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        *of_company(),
        key("annex_version"),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_annex_version_company_id_number")),
    )
    op.create_table(
        "annex_dispatch",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        *of_company(),
        key("annex_dispatch"),
        sa.ForeignKeyConstraint(
            ["company_id", "version_id"], ["annex_version.company_id", "annex_version.id"],
            name=op.f("fk_annex_dispatch_company_id_version_id"),
        ),
    )  # fmt: skip
    suppliers()
    op.get_bind().connection.cursor().execute(FROZEN)


def suppliers() -> None:
    op.create_table(
        "annex_supplier",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("service", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("certificate", sa.String(length=120), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("contract", sa.String(length=200), nullable=True),
        *of_company(),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        key("annex_supplier"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DROP FUNCTION annex_frozen()")
