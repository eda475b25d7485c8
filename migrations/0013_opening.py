"""What every request must know is asked when its session opens: taste, and the addresses people may come from."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.get_bind().exec_driver_sql("""
        CREATE FUNCTION auth_taste(company uuid, person uuid) RETURNS json
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          SELECT json_build_object('rows_per_page', p.rows_per_page, 'columns', p.columns)
          FROM auth_preference p WHERE p.company_id = company AND p.id = person
        $$;
        REVOKE ALL ON FUNCTION auth_taste(uuid, uuid) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION auth_taste(uuid, uuid) TO leadcrm_app, leadcrm_worker;
        GRANT EXECUTE ON FUNCTION addresses_admit(uuid, uuid, inet) TO leadcrm_app, leadcrm_worker;
    """)


def downgrade() -> None:
    op.execute("REVOKE EXECUTE ON FUNCTION addresses_admit(uuid, uuid, inet) FROM leadcrm_app, leadcrm_worker")
    op.execute("DROP FUNCTION auth_taste(uuid, uuid)")
