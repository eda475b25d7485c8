"""The home that is bought, or that the mortgage is on."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base
from leadcrm.core.fields.facts import Category, field
from leadcrm.core.fields.money import Money, Year
from leadcrm.core.fields.places import EnergyLabel, HouseNumber, HouseNumberSuffix, Postcode
from leadcrm.core.fields.terms import Choice, YesNo
from leadcrm.core.fields.text import Text
from leadcrm.leads.models.of_lead import OfLead, to_lead
from leadcrm.leads.models.terms import BuildType, Dwelling


class Property(OfLead, Base):
    """The collateral: at most one a lead. Amounts stay readable, so that lists can filter on them."""

    __tablename__ = "leads_property"
    __table_args__ = (to_lead(), UniqueConstraint("company_id", "lead_id"))

    build_type: Mapped[BuildType | None] = field(
        Choice(BuildType), nl="Soort bouw", en="Build type", category=Category.PROPERTY, importable=True
    )
    dwelling: Mapped[Dwelling | None] = field(
        Choice(Dwelling), nl="Woningtype", en="Dwelling", category=Category.PROPERTY, importable=True
    )
    build_year: Mapped[int | None] = field(
        Year(1800, 5), nl="Bouwjaar", en="Year of construction", category=Category.PROPERTY, importable=True
    )
    postcode: Mapped[str | None] = field(
        Postcode(autocomplete="off"),
        nl="Postcode woning",
        en="Property postcode",
        category=Category.PROPERTY,
        personal=True,
        importable=True,
    )
    house_number: Mapped[int | None] = field(
        HouseNumber(),
        nl="Huisnummer woning",
        en="Property house number",
        category=Category.PROPERTY,
        personal=True,
        importable=True,
    )
    house_suffix: Mapped[str | None] = field(
        HouseNumberSuffix(),
        nl="Toevoeging woning",
        en="Property suffix",
        category=Category.PROPERTY,
        personal=True,
        importable=True,
    )
    street: Mapped[str | None] = field(
        Text(120), nl="Straat woning", en="Property street", category=Category.PROPERTY, personal=True, importable=True
    )
    city: Mapped[str | None] = field(
        Text(80), nl="Plaats woning", en="Property city", category=Category.PROPERTY, personal=True, importable=True
    )
    purchase_price: Mapped[int | None] = field(
        Money(), nl="Koopsom", en="Purchase price", category=Category.PROPERTY, audited=True, importable=True
    )
    market_value: Mapped[int | None] = field(
        Money(),
        nl="Marktwaarde",
        en="Market value",
        category=Category.PROPERTY,
        audited=True,
        importable=True,
        help_nl="Volgens taxatie, na verbouwing.",
        help_en="As appraised, after renovation.",
    )
    woz_value: Mapped[int | None] = field(
        Money(), nl="WOZ-waarde", en="Municipal value", category=Category.PROPERTY, importable=True
    )
    build_sum: Mapped[int | None] = field(
        Money(), nl="Aanneemsom", en="Contract sum", category=Category.PROPERTY, importable=True
    )
    extra_work: Mapped[int | None] = field(
        Money(), nl="Meerwerk", en="Extra work", category=Category.PROPERTY, importable=True
    )
    renovation: Mapped[int | None] = field(
        Money(), nl="Verbouwing", en="Renovation", category=Category.PROPERTY, importable=True
    )
    overdue_maintenance: Mapped[int | None] = field(
        Money(),
        nl="Achterstallig onderhoud",
        en="Overdue maintenance",
        category=Category.PROPERTY,
        importable=True,
        help_nl="Nodig bij NHG en bestaande bouw.",
        help_en="Needed with NHG and existing build.",
    )
    leasehold: Mapped[bool | None] = field(
        YesNo(), nl="Erfpacht", en="Leasehold", category=Category.PROPERTY, importable=True
    )
    canon: Mapped[int | None] = field(
        Money(), nl="Erfpachtcanon per jaar", en="Ground rent a year", category=Category.PROPERTY, importable=True
    )
    energy_label: Mapped[EnergyLabel | None] = field(
        Choice(EnergyLabel), nl="Energielabel", en="Energy label", category=Category.PROPERTY, importable=True
    )
    future_energy_label: Mapped[EnergyLabel | None] = field(
        Choice(EnergyLabel),
        nl="Energielabel na verbouwing",
        en="Energy label after renovation",
        category=Category.PROPERTY,
        importable=True,
    )
    ebv_amount: Mapped[int | None] = field(
        Money(),
        nl="Energiebesparende voorzieningen",
        en="Energy-saving measures",
        category=Category.PROPERTY,
        importable=True,
        help_nl="Het bedrag binnen de hypotheek (EBV).",
        help_en="The amount within the mortgage (EBV).",
    )
