"""Lists of addresses that may sign in, and what browsers reported against the policy of our pages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import CIDR

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

EVERYBODY = "leadcrm_own, leadcrm_company, leadcrm_none, leadcrm_all"

# Both lists must match when both are set; one without ranges is not set. Nobody can say where from: no list admits it.
FUNCTIONS = """
CREATE FUNCTION addresses_admit(company uuid, person uuid, address inet) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(bool_and(list.admits), true) FROM (
    SELECT bool_or(coalesce(address <<= r.network, false)) AS admits FROM addresses_range r
    WHERE r.company_id = company AND (r.user_id IS NULL OR r.user_id = person) GROUP BY r.user_id) list
$$;
REVOKE ALL ON FUNCTION addresses_admit(uuid, uuid, inet) FROM PUBLIC;
"""


def upgrade() -> None:
    op.create_table(
        "addresses_range",
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("network", CIDR(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_addresses_range_company_id")),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"],
            name=op.f("fk_addresses_range_company_id_user_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_addresses_range")),
        sa.UniqueConstraint(
            "company_id", "user_id", "network", name=op.f("uq_addresses_range_company_id_user_id_network"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.get_bind().connection.cursor().execute(FUNCTIONS)
    op.execute(f"GRANT EXECUTE ON FUNCTION addresses_admit(uuid, uuid, inet) TO {EVERYBODY}")


def downgrade() -> None:
    op.execute("DROP FUNCTION addresses_admit(uuid, uuid, inet)")
    op.drop_table("addresses_range")
