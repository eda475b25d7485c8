"""What the people of a household earn."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base
from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.money import Money, Percentage, Year
from leadcrm.core.fields.people import Kvk
from leadcrm.core.fields.sealed import Sealed
from leadcrm.core.fields.terms import Choice
from leadcrm.core.fields.text import Text
from leadcrm.leads.models.of_lead import OfLead, to_lead, to_person
from leadcrm.leads.models.terms import AgencyPhase, Employment, IncomeMethod


class Income(OfLead, Base):
    """One income of one person. Amounts are gross a year; holiday pay and the like stand apart (as HDN wants)."""

    __tablename__ = "leads_income"
    __table_args__ = (
        to_lead(),
        to_person(),
        Index(None, "company_id", "lead_id"),
        Index(None, "company_id", "person_id"),
    )

    person_id: Mapped[UUID] = technical(Uuid(), nl="Van", en="Of", category=Category.INCOME)
    employment: Mapped[Employment] = field(
        Choice(Employment),
        nl="Soort inkomen",
        en="Kind of income",
        category=Category.INCOME,
        personal=True,
        importable=True,
        required=True,
    )
    agency_phase: Mapped[AgencyPhase | None] = field(
        Choice(AgencyPhase),
        nl="Fase uitzendcontract",
        en="Agency contract phase",
        category=Category.INCOME,
        personal=True,
        importable=True,
        help_nl="Nodig bij flexibel werk zonder perspectiefverklaring.",
        help_en="Needed for flexible work without a prospect statement.",
    )
    method: Mapped[IncomeMethod | None] = field(
        Choice(IncomeMethod),
        nl="Bepaald met",
        en="Determined with",
        category=Category.INCOME,
        personal=True,
        importable=True,
    )
    employer: Mapped[str | None] = field(
        Text(120),
        nl="Werkgever of bedrijf",
        en="Employer or firm",
        category=Category.INCOME,
        personal=True,
        importable=True,
    )
    kvk: Mapped[str | None] = field(
        Kvk(), nl="KvK-nummer", en="Trade register number", category=Category.INCOME, personal=True, importable=True
    )
    started_on: Mapped[date | None] = field(
        Date(),
        nl="In dienst sinds",
        en="Employed since",
        category=Category.INCOME,
        personal=True,
        importable=True,
        help_nl="Of: ondernemer sinds, uitkering sinds.",
        help_en="Or: in business since, benefit since.",
    )
    ends_on: Mapped[date | None] = field(
        Date(), nl="Loopt af op", en="Ends on", category=Category.INCOME, personal=True, importable=True
    )
    gross_year: Mapped[Sealed | None] = field(
        Money(),
        nl="Bruto jaarinkomen",
        en="Gross income a year",
        category=Category.INCOME,
        sensitive=True,
        audited=True,
        importable=True,
        help_nl="Zonder vakantiegeld, 13e maand en toeslagen.",
        help_en="Without holiday pay, 13th month and supplements.",
    )
    holiday_pct: Mapped[int | None] = field(
        Percentage(2_500),
        nl="Vakantiegeld",
        en="Holiday pay",
        category=Category.INCOME,
        personal=True,
        importable=True,
        help_nl="Meestal 8%.",
        help_en="Usually 8%.",
    )
    thirteenth_month: Mapped[Sealed | None] = field(
        Money(),
        nl="13e maand",
        en="13th month",
        category=Category.INCOME,
        sensitive=True,
        audited=True,
        importable=True,
    )
    bonus: Mapped[Sealed | None] = field(
        Money(),
        nl="Bonus of provisie",
        en="Bonus or commission",
        category=Category.INCOME,
        sensitive=True,
        audited=True,
        importable=True,
        help_nl="Structureel, per jaar.",
        help_en="Structural, a year.",
    )
    overtime: Mapped[Sealed | None] = field(
        Money(),
        nl="Overwerk en toeslagen",
        en="Overtime and supplements",
        category=Category.INCOME,
        sensitive=True,
        audited=True,
        importable=True,
        help_nl="Structureel, per jaar.",
        help_en="Structural, a year.",
    )
    profit_year: Mapped[int | None] = field(
        Year(1990, 0),
        nl="Laatste boekjaar",
        en="Last financial year",
        category=Category.INCOME,
        personal=True,
        importable=True,
    )
    profit_y1: Mapped[Sealed | None] = field(
        Money(nonnegative=False),
        nl="Winst laatste jaar",
        en="Profit last year",
        category=Category.INCOME,
        sensitive=True,
        audited=True,
        importable=True,
    )
    profit_y2: Mapped[Sealed | None] = field(
        Money(nonnegative=False),
        nl="Winst jaar daarvoor",
        en="Profit the year before",
        category=Category.INCOME,
        sensitive=True,
        audited=True,
        importable=True,
    )
    profit_y3: Mapped[Sealed | None] = field(
        Money(nonnegative=False),
        nl="Winst twee jaar daarvoor",
        en="Profit two years before",
        category=Category.INCOME,
        sensitive=True,
        audited=True,
        importable=True,
    )
