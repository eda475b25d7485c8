"""Mortgages: the one that is wished for with its loan parts, and those that exist."""

from datetime import date

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base
from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.facts import Category, field
from leadcrm.core.fields.money import Money, Percentage, Whole
from leadcrm.core.fields.terms import Choice, YesNo
from leadcrm.core.fields.text import Text
from leadcrm.leads.models.of_lead import OfLead, to_lead
from leadcrm.leads.models.terms import Box, Known, Repayment


class Wish(OfLead, Base):
    """What the household wants to borrow: at most one a lead. Health questions are never asked."""

    __tablename__ = "leads_wish"
    __table_args__ = (to_lead(), UniqueConstraint("company_id", "lead_id"))

    mortgage_amount: Mapped[int | None] = field(
        Money(),
        nl="Hypotheekbedrag",
        en="Mortgage amount",
        category=Category.MORTGAGE,
        audited=True,
        importable=True,
        help_nl="De som van de leningdelen, zonder overbrugging.",
        help_en="The sum of the loan parts, without bridging loan.",
    )
    own_funds: Mapped[int | None] = field(
        Money(), nl="Eigen geld", en="Own funds", category=Category.MORTGAGE, importable=True
    )
    bridging: Mapped[int | None] = field(
        Money(), nl="Overbruggingskrediet", en="Bridging loan", category=Category.MORTGAGE, importable=True
    )
    nhg_wanted: Mapped[Known | None] = field(
        Choice(Known), nl="NHG gewenst", en="NHG wanted", category=Category.MORTGAGE, importable=True
    )
    life_cover: Mapped[bool | None] = field(
        YesNo(), nl="Overlijdensrisicoverzekering", en="Life cover", category=Category.MORTGAGE, importable=True
    )
    disability_cover: Mapped[bool | None] = field(
        YesNo(),
        nl="Arbeidsongeschiktheidsverzekering",
        en="Disability cover",
        category=Category.MORTGAGE,
        importable=True,
    )
    funeral_cover: Mapped[bool | None] = field(
        YesNo(), nl="Uitvaartverzekering", en="Funeral cover", category=Category.MORTGAGE, importable=True
    )


class LoanPart(OfLead, Base):
    """A part of the wished mortgage, with its own way of repaying."""

    __tablename__ = "leads_loan_part"
    __table_args__ = (to_lead(), UniqueConstraint("company_id", "lead_id", "number"))

    number: Mapped[int] = field(Whole(1, 99), nl="Leningdeel", en="Loan part", category=Category.MORTGAGE)
    amount: Mapped[int] = field(
        Money(), nl="Bedrag", en="Amount", category=Category.MORTGAGE, audited=True, importable=True, required=True
    )
    repayment: Mapped[Repayment | None] = field(
        Choice(Repayment), nl="Aflosvorm", en="Repayment type", category=Category.MORTGAGE, importable=True
    )
    rate: Mapped[int | None] = field(
        Percentage(2_000), nl="Rente", en="Interest rate", category=Category.MORTGAGE, importable=True
    )
    fixed_months: Mapped[int | None] = field(
        Whole(0, 480, "maanden", "months"),
        nl="Rentevaste periode",
        en="Fixed-rate period",
        category=Category.MORTGAGE,
        importable=True,
    )
    term_months: Mapped[int | None] = field(
        Whole(1, 480, "maanden", "months"), nl="Looptijd", en="Term", category=Category.MORTGAGE, importable=True
    )
    box: Mapped[Box | None] = field(Choice(Box), nl="Box", en="Box", category=Category.MORTGAGE, importable=True)


class ExistingMortgage(OfLead, Base):
    """A mortgage that runs now. The end of its fixed rate drives after-care."""

    __tablename__ = "leads_existing_mortgage"
    __table_args__ = (to_lead(), Index(None, "company_id", "lead_id"))

    lender: Mapped[str | None] = field(
        Text(120),
        nl="Geldverstrekker",
        en="Lender",
        category=Category.MORTGAGE,
        personal=True,
        importable=True,
        required=True,
    )
    current_balance: Mapped[int | None] = field(
        Money(),
        nl="Restant hoofdsom",
        en="Current balance",
        category=Category.MORTGAGE,
        personal=True,
        audited=True,
        importable=True,
    )
    rate: Mapped[int | None] = field(
        Percentage(2_000), nl="Rente", en="Interest rate", category=Category.MORTGAGE, importable=True
    )
    rate_end: Mapped[date | None] = field(
        Date(), nl="Einde rentevaste periode", en="Fixed rate ends", category=Category.MORTGAGE, importable=True
    )
    end_date: Mapped[date | None] = field(
        Date(), nl="Einddatum", en="End date", category=Category.MORTGAGE, importable=True
    )
    repayment: Mapped[Repayment | None] = field(
        Choice(Repayment), nl="Aflosvorm", en="Repayment type", category=Category.MORTGAGE, importable=True
    )
    nhg: Mapped[Known | None] = field(
        Choice(Known), nl="Met NHG", en="With NHG", category=Category.MORTGAGE, importable=True
    )
