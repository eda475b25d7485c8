"""The people of a household: one applicant, or two."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base
from leadcrm.core.fields.dates import BirthDate, Date
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.money import Whole
from leadcrm.core.fields.people import Email, Iban, Phone
from leadcrm.core.fields.places import Country, HouseNumber, HouseNumberSuffix, Nationality, Postcode
from leadcrm.core.fields.sealed import Sealed
from leadcrm.core.fields.terms import Choice
from leadcrm.core.fields.text import Text
from leadcrm.leads.models.kinds import BirthYears
from leadcrm.leads.models.of_lead import OfLead, to_lead
from leadcrm.leads.models.terms import (
    Gender,
    IdDocument,
    MaritalStatus,
    PropertyRegime,
    ResidencePermit,
    Salutation,
)


def _known(*columns: str) -> Index:
    """An index to find duplicates with, only over rows where it can."""
    return Index(None, "company_id", *columns, postgresql_where=text(f"{columns[0]} IS NOT NULL"))


class Person(OfLead, Base):
    """An applicant. No citizen service number (BSN): an intermediary may not keep it."""

    __tablename__ = "leads_person"
    __table_args__ = (
        to_lead(),
        UniqueConstraint("company_id", "lead_id", "position"),
        UniqueConstraint("company_id", "lead_id", "id"),  # what only one person has refers to it
        CheckConstraint("position IN (1, 2)", name="position"),
        _known("email"),
        _known("phone"),
        _known("postcode", "house_number"),
        _known("birth_key"),
    )

    position: Mapped[int] = field(
        Whole(1, 2),
        nl="Aanvrager",
        en="Applicant",
        category=Category.IDENTITY,
        help_nl="1 is de aanvrager, 2 de mede-aanvrager.",
        help_en="1 is the applicant, 2 the co-applicant.",
    )
    salutation: Mapped[Salutation | None] = field(
        Choice(Salutation), nl="Aanhef", en="Salutation", category=Category.IDENTITY, personal=True, importable=True
    )
    initials: Mapped[str | None] = field(
        Text(20),
        nl="Voorletters",
        en="Initials",
        category=Category.IDENTITY,
        personal=True,
        importable=True,
        searchable=True,
        help_nl="Bijvoorbeeld J.P.",
        help_en="For example J.P.",
    )
    first_names: Mapped[str | None] = field(
        Text(120),
        nl="Voornamen",
        en="First names",
        category=Category.IDENTITY,
        personal=True,
        importable=True,
        searchable=True,
        help_nl="Zoals op het identiteitsbewijs.",
        help_en="As on the identity document.",
    )
    call_name: Mapped[str | None] = field(
        Text(60, autocomplete="given-name"),
        nl="Roepnaam",
        en="Call name",
        category=Category.IDENTITY,
        personal=True,
        importable=True,
        searchable=True,
    )
    infix: Mapped[str | None] = field(
        Text(20),
        nl="Tussenvoegsel",
        en="Name prefix",
        category=Category.IDENTITY,
        personal=True,
        importable=True,
        help_nl="Bijvoorbeeld van der.",
        help_en="For example van der.",
    )
    birth_name: Mapped[str | None] = field(
        Text(120, autocomplete="family-name"),
        nl="Geboortenaam",
        en="Birth name",
        category=Category.IDENTITY,
        personal=True,
        importable=True,
        searchable=True,
        required=True,
        help_nl="Achternaam bij de geboorte.",
        help_en="Last name at birth.",
    )
    correspondence_name: Mapped[str | None] = field(
        Text(120),
        nl="Correspondentienaam",
        en="Correspondence name",
        category=Category.IDENTITY,
        personal=True,
        importable=True,
        searchable=True,
        help_nl="Alleen als die anders is dan de geboortenaam.",
        help_en="Only if it differs from the birth name.",
    )
    gender: Mapped[Gender | None] = field(
        Choice(Gender), nl="Geslacht", en="Gender", category=Category.IDENTITY, personal=True, importable=True
    )
    birth_date: Mapped[Sealed | None] = field(
        BirthDate(),
        nl="Geboortedatum",
        en="Birth date",
        category=Category.IDENTITY,
        sensitive=True,
        audited=True,
        importable=True,
    )
    # Finds equal birth dates with equal birth names; a birth date alone has too few values to hide.
    birth_key: Mapped[int | None] = technical(BigInteger(), category=Category.IDENTITY, personal=True)

    email: Mapped[str | None] = field(
        Email(),
        nl="E-mail",
        en="E-mail",
        category=Category.CONTACT,
        personal=True,
        audited=True,
        importable=True,
        searchable=True,
    )
    phone: Mapped[str | None] = field(
        Phone(),
        nl="Telefoon",
        en="Telephone",
        category=Category.CONTACT,
        personal=True,
        audited=True,
        importable=True,
        searchable=True,
    )
    phone_raw: Mapped[str | None] = field(
        Text(60), nl="Telefoon zoals opgegeven", en="Telephone as given", category=Category.CONTACT, personal=True
    )
    postcode: Mapped[str | None] = field(
        Postcode(),
        nl="Postcode",
        en="Postcode",
        category=Category.CONTACT,
        personal=True,
        importable=True,
        searchable=True,
    )
    house_number: Mapped[int | None] = field(
        HouseNumber(),
        nl="Huisnummer",
        en="House number",
        category=Category.CONTACT,
        personal=True,
        importable=True,
        searchable=True,
    )
    house_suffix: Mapped[str | None] = field(
        HouseNumberSuffix(), nl="Toevoeging", en="Suffix", category=Category.CONTACT, personal=True, importable=True
    )
    street: Mapped[str | None] = field(
        Text(120), nl="Straat", en="Street", category=Category.CONTACT, personal=True, importable=True
    )
    city: Mapped[str | None] = field(
        Text(80, autocomplete="address-level2"),
        nl="Plaats",
        en="City",
        category=Category.CONTACT,
        personal=True,
        importable=True,
        searchable=True,
    )
    country: Mapped[str | None] = field(
        Country(), nl="Land", en="Country", category=Category.CONTACT, personal=True, importable=True
    )

    marital_status: Mapped[MaritalStatus | None] = field(
        Choice(MaritalStatus),
        nl="Burgerlijke staat",
        en="Marital status",
        category=Category.FAMILY,
        personal=True,
        importable=True,
    )
    property_regime: Mapped[PropertyRegime | None] = field(
        Choice(PropertyRegime),
        nl="Vermogensregime",
        en="Property regime",
        category=Category.FAMILY,
        personal=True,
        importable=True,
    )
    children: Mapped[int | None] = field(
        Whole(0, 15), nl="Kinderen", en="Children", category=Category.FAMILY, personal=True, importable=True
    )
    children_birth_years: Mapped[str | None] = field(
        BirthYears(),
        nl="Geboortejaren kinderen",
        en="Children's birth years",
        category=Category.FAMILY,
        personal=True,
        importable=True,
        help_nl="Jaren, geen datums: 2012, 2015.",
        help_en="Years, no dates: 2012, 2015.",
    )
    nationality: Mapped[str | None] = field(
        Nationality(), nl="Nationaliteit", en="Nationality", category=Category.IDENTITY, personal=True, importable=True
    )
    residence_permit: Mapped[ResidencePermit | None] = field(
        Choice(ResidencePermit),
        nl="Verblijf",
        en="Residence",
        category=Category.IDENTITY,
        personal=True,
        importable=True,
    )
    iban: Mapped[Sealed | None] = field(
        Iban(),
        nl="IBAN",
        en="IBAN",
        category=Category.WEALTH,
        purpose=Purpose.ADMINISTRATION,
        sensitive=True,
        audited=True,
        importable=True,
    )
    id_document: Mapped[IdDocument | None] = field(
        Choice(IdDocument),
        nl="Legitimatie",
        en="Identity document",
        category=Category.IDENTITY,
        personal=True,
        help_nl="Alleen de soort en de vervaldatum, geen nummer of kopie.",
        help_en="Only the type and the expiry date, no number or copy.",
    )
    id_expires_on: Mapped[date | None] = field(
        Date(), nl="Legitimatie geldig tot", en="Identity document expires", category=Category.IDENTITY, personal=True
    )
