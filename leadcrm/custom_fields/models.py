"""What a company wants to know of its leads besides what we thought of, and values that lists can be narrowed to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, Stamped
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.money import Whole
from leadcrm.core.fields.terms import Choice, Terms, YesNo
from leadcrm.core.fields.text import Text
from leadcrm.leads.models.of_lead import OfLead, to_lead
from leadcrm.leads.models.source import OfCompany

MOST = 40  # fields of a company: they stand on one page
LONGEST_FOUND = 120


class Type(Terms):
    """What can be filled in."""

    TEXT = "text", "Tekst", "Text"
    LONG_TEXT = "long_text", "Lange tekst", "Long text"
    NUMBER = "number", "Getal", "Number"
    MONEY = "money", "Bedrag", "Amount of money"
    DATE = "date", "Datum", "Date"
    CHOICE = "choice", "Keuzelijst", "List of choices"
    YES_NO = "yes_no", "Ja of nee", "Yes or no"


class RegisterCategory(Terms):
    """What sort of data it is, in the words of the processing register."""

    IDENTITY = "identity", "Persoonsgegevens", "Identity"
    CONTACT = "contact", "Contactgegevens", "Contact details"
    FAMILY = "family", "Gezin", "Family"
    INCOME = "income", "Inkomen", "Income"
    OBLIGATION = "obligation", "Verplichtingen", "Obligations"
    WEALTH = "wealth", "Vermogen", "Wealth"
    PROPERTY = "property", "Woning", "Property"
    MORTGAGE = "mortgage", "Hypotheek", "Mortgage"
    PROCESS = "process", "Verloop van de aanvraag", "Course of the request"

    @property
    def category(self) -> Category:
        return Category(str(self))


class RegisterPurpose(Terms):
    """Why it is kept."""

    ADVICE = "advice", "Advies en bemiddeling", "Advice and mediation"
    SERVICE = "service", "Dienstverlening en nazorg", "Service and after-care"
    ADMINISTRATION = "administration", "Administratie", "Administration"
    INVOICING = "invoicing", "Facturatie", "Invoicing"
    COMPLAINTS = "complaints", "Klachten", "Complaints"

    @property
    def purpose(self) -> Purpose:
        return Purpose(str(self))


@dataclass(frozen=True)
class Option:
    """One of the choices. One that is gone is kept: leads may still have it."""

    key: str
    label: str
    gone: bool = False


class Definition(CompanyRow, Stamped, OfCompany, Base):
    """One field. Its values stand in `custom` of the leads under its key, or sealed in `custom_sealed`.

    One that was removed is kept with its values, to be brought back, and shown nowhere.
    """

    __tablename__ = "custom_fields_definition"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        UniqueConstraint("company_id", "key"),
    )

    key: Mapped[str] = technical(String(12))  # `f…`: lists can be narrowed to its values; `t…`, `s…`: they cannot
    name: Mapped[str] = field(
        Text(60), nl="Naam", en="Name", category=Category.PROCESS, purpose=Purpose.OPERATION, required=True,
        audited=True,
    )  # fmt: skip
    type: Mapped[Type] = field(
        Choice(Type, room=20), nl="Soort", en="Type", category=Category.PROCESS, purpose=Purpose.OPERATION,
        required=True, audited=True, help_nl="Kan later niet meer worden veranderd.",
        help_en="This cannot be changed later on.",
    )  # fmt: skip
    help: Mapped[str | None] = field(
        Text(200), nl="Uitleg", en="Explanation", category=Category.PROCESS, purpose=Purpose.OPERATION,
        help_nl="Staat onder het veld.", help_en="Stands below the field.",
    )  # fmt: skip
    unit: Mapped[str | None] = field(
        Text(12), nl="Eenheid", en="Unit", category=Category.PROCESS, purpose=Purpose.OPERATION,
        help_nl="Alleen bij een getal, bijvoorbeeld jaar of m².", help_en="With a number only, such as years or m².",
    )  # fmt: skip
    required: Mapped[bool] = field(
        YesNo(), nl="Verplicht", en="Required", category=Category.PROCESS, purpose=Purpose.OPERATION, audited=True,
        default=False, help_nl="Wie een lead invoert, wijzigt of importeert, vult het in; wat vanzelf binnenkomt"
        " zonder, wacht in quarantaine.",
        help_en="Whoever enters, changes or imports a lead has to fill it in; what arrives by itself without it waits"
        " in quarantine.",
    )  # fmt: skip
    on_new: Mapped[bool] = field(
        YesNo(), nl="Ook vragen bij een nieuwe lead", en="Also ask with a new lead", category=Category.PROCESS,
        purpose=Purpose.OPERATION, default=False,
    )  # fmt: skip
    category: Mapped[RegisterCategory] = field(
        Choice(RegisterCategory, room=20), nl="Soort gegevens", en="Sort of data", category=Category.PROCESS,
        purpose=Purpose.OPERATION, required=True, audited=True, default=RegisterCategory.PROCESS,
    )  # fmt: skip
    purpose: Mapped[RegisterPurpose] = field(
        Choice(RegisterPurpose, room=20), nl="Waarvoor", en="Purpose", category=Category.PROCESS,
        purpose=Purpose.OPERATION, required=True, audited=True, default=RegisterPurpose.ADVICE,
        help_nl="Verwerk alleen wat voor dit doel nodig is.", help_en="Keep only what this purpose needs.",
    )  # fmt: skip
    personal: Mapped[bool] = field(
        YesNo(), nl="Zegt iets over een persoon", en="Says something of a person", category=Category.PROCESS,
        purpose=Purpose.OPERATION, audited=True, default=True,
    )  # fmt: skip
    sensitive: Mapped[bool] = field(
        YesNo(), nl="Afschermen", en="Keep hidden", category=Category.PROCESS, purpose=Purpose.OPERATION, audited=True,
        default=False, help_nl="Wordt versleuteld bewaard; wie het bekijkt, wordt vastgelegd. Kan later niet meer"
        " worden veranderd.",
        help_en="Is kept encrypted; who looks at it is logged. This cannot be changed later on.",
    )  # fmt: skip
    position: Mapped[int] = field(
        Whole(0, 999), nl="Plaats", en="Place", category=Category.PROCESS, purpose=Purpose.OPERATION, default=0
    )
    choices: Mapped[list[dict[str, Any]]] = technical(
        JSON(), nl="Keuzes", en="Choices", category=Category.PROCESS, default=list
    )
    removed_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Verwijderd", en="Removed", category=Category.PROCESS, audited=True
    )

    @property
    def options(self) -> tuple[Option, ...]:
        return tuple(Option(**each) for each in self.choices or ())


class Found(OfLead, Base):
    """A short value of a lead, kept by a trigger on the lead: a list of one value walks one index of this table."""

    __tablename__ = "custom_fields_found"
    __table_args__ = (
        to_lead(),
        UniqueConstraint("company_id", "lead_id", "key"),
        Index(None, "company_id", "key", "value", "lead_created_at", "lead_id"),
    )
    may = "SELECT"

    key: Mapped[str] = technical(String(12))
    value: Mapped[str] = technical(
        String(LONGEST_FOUND), nl="Eigen velden", en="Own fields", category=Category.PROCESS, personal=True
    )
    lead_created_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.PROCESS)
