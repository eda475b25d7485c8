"""Lists that people keep, and those that each has at hand."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# Asked with the session of every request (see doors.also_ask): before there is a viewer, so it repeats who sees what.
AT_HAND = """
CREATE FUNCTION saved_views_of(company uuid, person uuid) RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT json_agg(json_build_array(v.id, v.name, v.address, h.pinned, h.opens) ORDER BY h.position, v.name, v.id)
  FROM saved_views_at_hand h
  JOIN saved_views_view v ON v.company_id = h.company_id AND v.id = h.view_id
  WHERE h.company_id = company AND h.user_id = person AND (h.pinned OR h.opens)
    AND v.removed_at IS NULL AND (v.user_id = person OR v.shared)
$$;
REVOKE ALL ON FUNCTION saved_views_of(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION saved_views_of(uuid, uuid) TO leadcrm_app, leadcrm_worker;
"""


def upgrade() -> None:
    op.create_table("saved_views_view",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(length=1500), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_saved_views_view")),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_saved_views_view_company_id")),
        sa.ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"],
                                name=op.f("fk_saved_views_view_company_id_user_id")),
    )  # fmt: skip
    op.create_index(op.f("ix_saved_views_view_company_id_user_id"), "saved_views_view", ["company_id", "user_id"])
    op.create_table("saved_views_at_hand",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("opens", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_saved_views_at_hand")),
        sa.ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"],
                                name=op.f("fk_saved_views_at_hand_company_id_user_id")),
        sa.ForeignKeyConstraint(["company_id", "view_id"], ["saved_views_view.company_id", "saved_views_view.id"],
                                name=op.f("fk_saved_views_at_hand_company_id_view_id"), ondelete="CASCADE"),
        sa.UniqueConstraint("company_id", "user_id", "view_id",
                            name=op.f("uq_saved_views_at_hand_company_id_user_id_view_id")),
    )  # fmt: skip
    op.get_bind().exec_driver_sql(AT_HAND)


def downgrade() -> None:
    op.execute("DROP FUNCTION saved_views_of(uuid, uuid)")
    op.drop_table("saved_views_at_hand")
    op.drop_table("saved_views_view")
