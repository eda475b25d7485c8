"""Leads: households with all that belongs to them; norms with their dates; search and numbering behind the policies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROLES = "leadcrm_own, leadcrm_company, leadcrm_none, leadcrm_all"
KEPT = sa.text("deleted_at IS NULL")

# @@ is not leakproof, so under a policy its index would not be used. This function belongs to the owner, who is not
# narrowed: it repeats the scope of Lead.visible_to and returns ids only. The rows are then read under the policy.
SEARCH = """
CREATE FUNCTION leads_search(query text, most integer) RETURNS TABLE (id uuid, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100 SET search_path = public, pg_temp AS $$
  SELECT l.id, l.created_at FROM leads_lead l
  WHERE l.company_id = nullif(current_setting('app.company', true), '')::uuid
    AND CASE current_setting('role')  -- the caller's scope role, also inside a definer function
          WHEN 'leadcrm_company' THEN true
          WHEN 'leadcrm_own' THEN l.owner_id = nullif(current_setting('app.user', true), '')::uuid
          ELSE false END
    AND l.deleted_at IS NULL
    AND l.search @@ query::tsquery
  ORDER BY l.created_at DESC, l.id DESC LIMIT most
$$;
"""

# The first of `many` consecutive numbers of this company and year, never given out again. The row stays locked
# until the commit, so whoever needs many takes them in a short transaction of its own.
NUMBERS = """
CREATE FUNCTION leads_take_numbers(company uuid, in_year integer, many integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  taken bigint;
BEGIN
  IF many NOT BETWEEN 1 AND 1000000 THEN
    RAISE EXCEPTION 'cannot take % numbers', many;
  END IF;
  IF current_setting('role') <> 'leadcrm_all'
     AND company IS DISTINCT FROM nullif(current_setting('app.company', true), '')::uuid THEN
    RAISE EXCEPTION 'numbers of another company';
  END IF;
  INSERT INTO leads_counter AS counter (company_id, year, last) VALUES (company, in_year, many)
  ON CONFLICT (company_id, year) DO UPDATE SET last = counter.last + many
  RETURNING counter.last - many + 1 INTO taken;
  RETURN taken;
END
$$;
"""

NHG = (  # Dutch, English
    "NHG-kostengrens {year}: overgenomen uit het domeinontwerp van november 2026, niet opnieuw nagekeken",
    "NHG limit {year}: taken from the domain design of November 2026, not checked again",
)
NHG_2026 = ("rijksoverheid.nl, 8 oktober 2025; nhg.nl", "rijksoverheid.nl, 8 October 2025; nhg.nl")
LTV_RULE = (
    "Samenvatting van de regels door derden; de regelingtekst van 2026 is niet gelezen",
    "Summary of the rules by third parties; the text of the 2026 regulation was not read",
)


def nhg(year: int) -> tuple[str, ...]:
    return tuple(text.format(year=year) for text in NHG)


NORMS = [  # key, value (cents or basis points), from, until, sources
    ("nhg_limit", 310_000_00, "2020-01-01", "2020-12-31", *nhg(2020)),
    ("nhg_limit_ebv", 328_600_00, "2020-01-01", "2020-12-31", *nhg(2020)),
    ("nhg_limit", 405_000_00, "2023-01-01", "2023-12-31", *nhg(2023)),
    ("nhg_limit_ebv", 429_300_00, "2023-01-01", "2023-12-31", *nhg(2023)),
    ("nhg_limit", 450_000_00, "2025-01-01", "2025-12-31", *nhg(2025)),
    ("nhg_limit", 470_000_00, "2026-01-01", "2026-12-31", *NHG_2026),
    ("nhg_limit_ebv", 498_200_00, "2026-01-01", "2026-12-31", *NHG_2026),
    ("nhg_fee", 40, "2026-01-01", "2026-12-31", *NHG_2026),
    ("ltv_most", 100_00, "2020-01-01", None, *LTV_RULE),
    ("ltv_most_ebv", 106_00, "2020-01-01", None, *LTV_RULE),
]

TABLES = (
    "leads_obligation", "leads_income", "leads_consent", "leads_asset", "leads_wish", "leads_property",
    "leads_person", "leads_loan_part", "leads_existing_mortgage", "leads_entry", "leads_lead", "leads_label",
    "leads_supplier", "leads_source", "leads_counter", "leads_norm",
)


def upgrade() -> None:
    create_tables()
    for statement in (SEARCH, NUMBERS):
        op.get_bind().connection.cursor().execute(statement)
    for function, roles in (("leads_search(text, integer)", "leadcrm_own, leadcrm_company, leadcrm_none"),
                            ("leads_take_numbers(uuid, integer, integer)", ROLES)):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {roles}")
    seed_norms()


def seed_norms() -> None:
    statement = sa.text(
        "INSERT INTO leads_norm (id, key, value, valid_from, valid_until, source_nl, source_en) VALUES "
        "(gen_random_uuid(), :key, :value, CAST(:valid_from AS date), CAST(:valid_until AS date), "
        ":source_nl, :source_en)"
    )
    names = ("key", "value", "valid_from", "valid_until", "source_nl", "source_en")
    op.get_bind().execute(statement, [dict(zip(names, norm, strict=True)) for norm in NORMS])


def create_tables() -> None:
    op.create_table("leads_norm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=13), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("source_nl", sa.String(length=255), nullable=False),
        sa.Column("source_en", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads_norm")),
        sa.UniqueConstraint("key", "valid_from", name=op.f("uq_leads_norm_key_valid_from"))
    )
    op.create_table("leads_counter",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_leads_counter_company_id")),
        sa.PrimaryKeyConstraint("company_id", "year", name=op.f("pk_leads_counter"))
    )
    op.create_table("leads_source",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_leads_source_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_source")),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_leads_source_company_id_key"))
    )
    op.create_table("leads_supplier",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kvk", sa.String(length=8), nullable=True),
        sa.Column("afm_licence", sa.String(length=20), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_leads_supplier_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_supplier")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_leads_supplier_company_id_name"))
    )
    op.create_table("leads_label",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("return_days", sa.Integer(), nullable=True),
        sa.Column("exclusive", sa.Boolean(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "supplier_id"], ["leads_supplier.company_id", "leads_supplier.id"],
            name=op.f("fk_leads_label_company_id_supplier_id")),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_leads_label_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_label")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_leads_label_company_id_name"))
    )
    op.create_table("leads_lead",
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("external_reference", sa.String(length=64), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.String(length=19), nullable=False),
        sa.Column("stage_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage_reason", sa.String(length=500), nullable=True),
        sa.Column("contact_attempts", sa.Integer(), nullable=False),
        sa.Column("goal", sa.String(length=17), nullable=True),
        sa.Column("urgency", sa.String(length=16), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("label_id", sa.Uuid(), nullable=True),
        sa.Column("supplier_id", sa.Uuid(), nullable=True),
        sa.Column("lead_cost", sa.BigInteger(), nullable=True),
        sa.Column("exclusive", sa.Boolean(), nullable=True),
        sa.Column("return_deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.String(length=16), nullable=True),
        sa.Column("preferred_contact", sa.String(length=8), nullable=True),
        sa.Column("best_time", sa.String(length=100), nullable=True),
        sa.Column("next_action", sa.String(length=200), nullable=True),
        sa.Column("next_action_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("utm_source", sa.String(length=255), nullable=True),
        sa.Column("utm_medium", sa.String(length=255), nullable=True),
        sa.Column("utm_campaign", sa.String(length=255), nullable=True),
        sa.Column("utm_term", sa.String(length=255), nullable=True),
        sa.Column("utm_content", sa.String(length=255), nullable=True),
        sa.Column("referrer", sa.String(length=255), nullable=True),
        sa.Column("landing", sa.String(length=255), nullable=True),
        sa.Column("household_name", sa.String(length=255), nullable=False),
        sa.Column("sort_name", sa.String(length=120, collation="C"), nullable=True),
        sa.Column("mortgage_amount", sa.BigInteger(), nullable=True),
        sa.Column("property_value", sa.BigInteger(), nullable=True),
        sa.Column("search", TSVECTOR(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "label_id"], ["leads_label.company_id", "leads_label.id"],
            name=op.f("fk_leads_lead_company_id_label_id")),
        sa.ForeignKeyConstraint(["company_id", "owner_id"], ["auth_user.company_id", "auth_user.id"],
            name=op.f("fk_leads_lead_company_id_owner_id")),
        sa.ForeignKeyConstraint(["company_id", "source_id"], ["leads_source.company_id", "leads_source.id"],
            name=op.f("fk_leads_lead_company_id_source_id")),
        sa.ForeignKeyConstraint(["company_id", "supplier_id"], ["leads_supplier.company_id", "leads_supplier.id"],
            name=op.f("fk_leads_lead_company_id_supplier_id")),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_leads_lead_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_lead")),
        sa.UniqueConstraint("company_id", "reference", name=op.f("uq_leads_lead_company_id_reference"))
    )
    op.create_index(op.f("ix_leads_lead_company_id_created_at_id"), "leads_lead",
                    ["company_id", "created_at", "id"], postgresql_where=KEPT)
    op.create_index(op.f("ix_leads_lead_company_id_import_id"), "leads_lead",
                    ["company_id", "import_id"], postgresql_where=sa.text("import_id IS NOT NULL"))
    op.create_index(op.f("ix_leads_lead_company_id_label_id_created_at_id"), "leads_lead",
                    ["company_id", "label_id", "created_at", "id"], postgresql_where=KEPT)
    op.create_index(op.f("ix_leads_lead_company_id_mortgage_amount_id"), "leads_lead",
                    ["company_id", "mortgage_amount", "id"], postgresql_where=KEPT)
    op.create_index(op.f("ix_leads_lead_company_id_next_action_at_id"), "leads_lead",
                    ["company_id", "next_action_at", "id"], postgresql_where=KEPT)
    op.create_index(op.f("ix_leads_lead_company_id_owner_id_created_at_id"), "leads_lead",
                    ["company_id", "owner_id", "created_at", "id"], postgresql_where=KEPT)
    op.create_index(op.f("ix_leads_lead_company_id_owner_id_next_action_at_id"), "leads_lead",
                    ["company_id", "owner_id", "next_action_at", "id"], postgresql_where=KEPT)
    op.create_index(op.f("ix_leads_lead_company_id_sort_name_id"), "leads_lead",
                    ["company_id", "sort_name", "id"], postgresql_where=KEPT)
    op.create_index(op.f("ix_leads_lead_company_id_source_id_created_at_id"), "leads_lead",
                    ["company_id", "source_id", "created_at", "id"], postgresql_where=KEPT)
    op.create_index(op.f("ix_leads_lead_company_id_stage_created_at_id"), "leads_lead",
                    ["company_id", "stage", "created_at", "id"], postgresql_where=KEPT)
    op.create_index(op.f("ix_leads_lead_search"), "leads_lead",
                    ["search"], postgresql_using="gin", postgresql_with={"gin_pending_list_limit": 1024})
    op.create_table("leads_entry",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=True),
        sa.Column("previous", sa.String(length=60), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.String(length=5000), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_leads_entry_company_id_lead_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_entry"))
    )
    op.create_index(op.f("ix_leads_entry_company_id_batch_id"), "leads_entry",
                    ["company_id", "batch_id"], postgresql_where=sa.text("batch_id IS NOT NULL"))
    op.create_index(op.f("ix_leads_entry_company_id_lead_id_at"), "leads_entry",
                    ["company_id", "lead_id", "at"])
    op.create_table("leads_existing_mortgage",
        sa.Column("lender", sa.String(length=120), nullable=True),
        sa.Column("current_balance", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("rate_end", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("repayment", sa.String(length=13), nullable=True),
        sa.Column("nhg", sa.String(length=7), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_leads_existing_mortgage_company_id_lead_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_existing_mortgage"))
    )
    op.create_index(op.f("ix_leads_existing_mortgage_company_id_lead_id"), "leads_existing_mortgage",
                    ["company_id", "lead_id"])
    op.create_table("leads_loan_part",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("repayment", sa.String(length=13), nullable=True),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("fixed_months", sa.Integer(), nullable=True),
        sa.Column("term_months", sa.Integer(), nullable=True),
        sa.Column("box", sa.String(length=1), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_leads_loan_part_company_id_lead_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_loan_part")),
        sa.UniqueConstraint("company_id", "lead_id", "number",
            name=op.f("uq_leads_loan_part_company_id_lead_id_number"))
    )
    op.create_table("leads_person",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("salutation", sa.String(length=7), nullable=True),
        sa.Column("initials", sa.String(length=20), nullable=True),
        sa.Column("first_names", sa.String(length=120), nullable=True),
        sa.Column("call_name", sa.String(length=60), nullable=True),
        sa.Column("infix", sa.String(length=20), nullable=True),
        sa.Column("birth_name", sa.String(length=120), nullable=True),
        sa.Column("correspondence_name", sa.String(length=120), nullable=True),
        sa.Column("gender", sa.String(length=7), nullable=True),
        sa.Column("birth_date", sa.LargeBinary(), nullable=True),
        sa.Column("birth_key", sa.BigInteger(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("phone_raw", sa.String(length=60), nullable=True),
        sa.Column("postcode", sa.String(length=7), nullable=True),
        sa.Column("house_number", sa.Integer(), nullable=True),
        sa.Column("house_suffix", sa.String(length=12), nullable=True),
        sa.Column("street", sa.String(length=120), nullable=True),
        sa.Column("city", sa.String(length=80), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("marital_status", sa.String(length=19), nullable=True),
        sa.Column("property_regime", sa.String(length=17), nullable=True),
        sa.Column("children", sa.Integer(), nullable=True),
        sa.Column("children_birth_years", sa.String(length=90), nullable=True),
        sa.Column("nationality", sa.String(length=2), nullable=True),
        sa.Column("residence_permit", sa.String(length=10), nullable=True),
        sa.Column("iban", sa.LargeBinary(), nullable=True),
        sa.Column("id_document", sa.String(length=15), nullable=True),
        sa.Column("id_expires_on", sa.Date(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("position IN (1, 2)", name=op.f("ck_leads_person_position")),
        sa.ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_leads_person_company_id_lead_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_person")),
        sa.UniqueConstraint("company_id", "lead_id", "position",
            name=op.f("uq_leads_person_company_id_lead_id_position"))
    )
    op.create_index(op.f("ix_leads_person_company_id_birth_key"), "leads_person",
                    ["company_id", "birth_key"], postgresql_where=sa.text("birth_key IS NOT NULL"))
    op.create_index(op.f("ix_leads_person_company_id_email"), "leads_person",
                    ["company_id", "email"], postgresql_where=sa.text("email IS NOT NULL"))
    op.create_index(op.f("ix_leads_person_company_id_phone"), "leads_person",
                    ["company_id", "phone"], postgresql_where=sa.text("phone IS NOT NULL"))
    op.create_index(op.f("ix_leads_person_company_id_postcode_house_number"), "leads_person",
                    ["company_id", "postcode", "house_number"], postgresql_where=sa.text("postcode IS NOT NULL"))
    op.create_table("leads_property",
        sa.Column("build_type", sa.String(length=8), nullable=True),
        sa.Column("dwelling", sa.String(length=14), nullable=True),
        sa.Column("build_year", sa.Integer(), nullable=True),
        sa.Column("postcode", sa.String(length=7), nullable=True),
        sa.Column("house_number", sa.Integer(), nullable=True),
        sa.Column("house_suffix", sa.String(length=12), nullable=True),
        sa.Column("street", sa.String(length=120), nullable=True),
        sa.Column("city", sa.String(length=80), nullable=True),
        sa.Column("purchase_price", sa.BigInteger(), nullable=True),
        sa.Column("market_value", sa.BigInteger(), nullable=True),
        sa.Column("woz_value", sa.BigInteger(), nullable=True),
        sa.Column("build_sum", sa.BigInteger(), nullable=True),
        sa.Column("extra_work", sa.BigInteger(), nullable=True),
        sa.Column("renovation", sa.BigInteger(), nullable=True),
        sa.Column("overdue_maintenance", sa.BigInteger(), nullable=True),
        sa.Column("leasehold", sa.Boolean(), nullable=True),
        sa.Column("canon", sa.BigInteger(), nullable=True),
        sa.Column("energy_label", sa.String(length=5), nullable=True),
        sa.Column("future_energy_label", sa.String(length=5), nullable=True),
        sa.Column("ebv_amount", sa.BigInteger(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_leads_property_company_id_lead_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_property")),
        sa.UniqueConstraint("company_id", "lead_id", name=op.f("uq_leads_property_company_id_lead_id"))
    )
    op.create_table("leads_wish",
        sa.Column("mortgage_amount", sa.BigInteger(), nullable=True),
        sa.Column("own_funds", sa.BigInteger(), nullable=True),
        sa.Column("bridging", sa.BigInteger(), nullable=True),
        sa.Column("nhg_wanted", sa.String(length=7), nullable=True),
        sa.Column("life_cover", sa.Boolean(), nullable=True),
        sa.Column("disability_cover", sa.Boolean(), nullable=True),
        sa.Column("funeral_cover", sa.Boolean(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_leads_wish_company_id_lead_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_wish")),
        sa.UniqueConstraint("company_id", "lead_id", name=op.f("uq_leads_wish_company_id_lead_id"))
    )
    op.create_table("leads_asset",
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=11), nullable=False),
        sa.Column("description", sa.String(length=120), nullable=True),
        sa.Column("amount", sa.LargeBinary(), nullable=True),
        sa.Column("for_purchase", sa.Boolean(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_leads_asset_company_id_lead_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["company_id", "person_id"], ["leads_person.company_id", "leads_person.id"],
            name=op.f("fk_leads_asset_company_id_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_asset"))
    )
    op.create_index(op.f("ix_leads_asset_company_id_lead_id"), "leads_asset", ["company_id", "lead_id"])
    op.create_table("leads_consent",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("text_version", sa.String(length=60), nullable=True),
        sa.Column("source", sa.String(length=120), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence_hash", sa.String(length=64), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(given_at IS NULL) <> (withdrawn_at IS NULL)",
            name=op.f("ck_leads_consent_given_or_withdrawn")),
        sa.ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_leads_consent_company_id_lead_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["company_id", "person_id"], ["leads_person.company_id", "leads_person.id"],
            name=op.f("fk_leads_consent_company_id_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_consent"))
    )
    op.create_index(op.f("ix_leads_consent_company_id_lead_id"), "leads_consent",
                    ["company_id", "lead_id"])
    op.create_table("leads_income",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("employment", sa.String(length=17), nullable=False),
        sa.Column("agency_phase", sa.String(length=3), nullable=True),
        sa.Column("method", sa.String(length=22), nullable=True),
        sa.Column("employer", sa.String(length=120), nullable=True),
        sa.Column("kvk", sa.String(length=8), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("gross_year", sa.LargeBinary(), nullable=True),
        sa.Column("holiday_pct", sa.Integer(), nullable=True),
        sa.Column("thirteenth_month", sa.LargeBinary(), nullable=True),
        sa.Column("bonus", sa.LargeBinary(), nullable=True),
        sa.Column("overtime", sa.LargeBinary(), nullable=True),
        sa.Column("profit_year", sa.Integer(), nullable=True),
        sa.Column("profit_y1", sa.LargeBinary(), nullable=True),
        sa.Column("profit_y2", sa.LargeBinary(), nullable=True),
        sa.Column("profit_y3", sa.LargeBinary(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_leads_income_company_id_lead_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["company_id", "person_id"], ["leads_person.company_id", "leads_person.id"],
            name=op.f("fk_leads_income_company_id_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_income"))
    )
    op.create_index(op.f("ix_leads_income_company_id_lead_id"), "leads_income", ["company_id", "lead_id"])
    op.create_index(op.f("ix_leads_income_company_id_person_id"), "leads_income",
                    ["company_id", "person_id"])
    op.create_table("leads_obligation",
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=13), nullable=False),
        sa.Column("creditor", sa.String(length=120), nullable=True),
        sa.Column("principal", sa.LargeBinary(), nullable=True),
        sa.Column("balance", sa.LargeBinary(), nullable=True),
        sa.Column("credit_limit", sa.LargeBinary(), nullable=True),
        sa.Column("monthly", sa.LargeBinary(), nullable=True),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("student_scheme", sa.String(length=3), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("bkr_known", sa.String(length=7), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_leads_obligation_company_id_lead_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["company_id", "person_id"], ["leads_person.company_id", "leads_person.id"],
            name=op.f("fk_leads_obligation_company_id_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_obligation"))
    )
    op.create_index(op.f("ix_leads_obligation_company_id_lead_id"), "leads_obligation",
                    ["company_id", "lead_id"])


def downgrade() -> None:
    op.execute("DROP FUNCTION leads_search, leads_take_numbers")
    for table in TABLES:
        op.drop_table(table)
