"""What a company decided: whether leads are handed out by rules, in which order, and how soon they must be taken up."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Date, DateTime, Integer, SmallInteger, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, Stamped
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.money import Whole
from leadcrm.core.fields.terms import Choice, YesNo
from leadcrm.core.fields.text import Text
from leadcrm.distribution.models.regions import Regions
from leadcrm.distribution.models.scopes import ForManagers, to_company, to_rule, to_user
from leadcrm.distribution.models.terms import Method

WEEK_OF_MINUTES = 7 * 24 * 60


class Setting(ForManagers, CompanyRow, Stamped, Base):
    """One row a company. Whoever hands out holds it locked: two workers take turns."""

    __tablename__ = "distribution_setting"
    __table_args__ = (to_company(), UniqueConstraint("company_id"))
    may = "SELECT, INSERT, UPDATE"

    active: Mapped[bool] = field(
        YesNo(), nl="Leads automatisch verdelen", en="Hand out leads automatically", category=Category.PROCESS,
        required=True, audited=True, default=False,
        help_nl="Nieuwe leads zonder adviseur gaan dan volgens uw regels naar een adviseur.",
        help_en="New leads without an agent then go to one by your rules.",
    )
    active_since: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Aan sinds", en="On since", category=Category.PROCESS,
    )
    claim_minutes: Mapped[int | None] = field(
        Whole(1, WEEK_OF_MINUTES, "minuten", "minutes"), nl="Oppakken binnen", en="Take up within",
        category=Category.PROCESS, audited=True,
        help_nl="Werktijd van de adviseur. Daarna gaat de lead naar de volgende. Leeg: geen limiet.",
        help_en="Working time of the agent. After that the lead goes to the next. Empty: no limit.",
    )
    most_offers: Mapped[int] = field(
        Whole(1, 20, "adviseurs", "agents"), nl="Hooguit aanbieden aan", en="Offer to at most",
        category=Category.PROCESS, required=True, audited=True, default=3,
        help_nl="Daarna wacht de lead op u.", help_en="After that the lead waits for you.",
    )
    waiting_told_on: Mapped[date | None] = technical(Date())  # managers heard how many leads wait: once a day


class Rule(ForManagers, CompanyRow, Stamped, Base):
    """Which leads it is about, whom it considers, and whom of those it takes. The first that finds somebody decides."""

    __tablename__ = "distribution_rule"
    __table_args__ = (to_company(),)
    may = "SELECT, INSERT, UPDATE"

    name: Mapped[str] = field(
        Text(80), nl="Naam van de regel", en="Name of the rule", category=Category.PROCESS, required=True, audited=True,
    )
    position: Mapped[int] = technical(
        SmallInteger(), nl="Volgorde", en="Order", category=Category.PROCESS, audited=True
    )
    active: Mapped[bool] = field(
        YesNo(), nl="In gebruik", en="In use", category=Category.PROCESS, required=True, audited=True, default=True,
    )
    how: Mapped[Method] = field(
        Choice(Method, room=20), nl="Wie krijgt de lead", en="Who gets the lead", category=Category.PROCESS,
        required=True, audited=True, default=Method.ROUND_ROBIN,
    )
    regions: Mapped[str | None] = field(
        Regions(), nl="Alleen leads uit deze postcodes", en="Only leads from these postcodes",
        category=Category.PROCESS, audited=True, help_nl="Bijvoorbeeld 1000-1999, 3511.",
        help_en="For example 1000-1999, 3511.",
    )
    goals: Mapped[list[str]] = technical(
        ARRAY(String(30)), nl="Doelen", en="Goals", category=Category.PROCESS, audited=True, default=list,
    )
    employments: Mapped[list[str]] = technical(
        ARRAY(String(30)), nl="Inkomens", en="Incomes", category=Category.PROCESS, audited=True, default=list,
    )
    languages: Mapped[list[str]] = technical(
        ARRAY(String(20)), nl="Talen", en="Languages", category=Category.PROCESS, audited=True, default=list,
    )
    label_ids: Mapped[list[UUID]] = technical(
        ARRAY(Uuid()), nl="Labels", en="Labels", category=Category.PROCESS, audited=True, default=list,
    )
    source_ids: Mapped[list[UUID]] = technical(
        ARRAY(Uuid()), nl="Leadbronnen", en="Lead sources", category=Category.PROCESS, audited=True, default=list,
    )
    agent_ids: Mapped[list[UUID]] = technical(
        ARRAY(Uuid()), nl="Adviseurs", en="Agents", category=Category.PROCESS, audited=True, default=list,
    )
    traits: Mapped[list[str]] = technical(
        ARRAY(String(20)), nl="Moet passen bij het profiel", en="Must fit the profile", category=Category.PROCESS,
        audited=True, default=list,
    )
    turns: Mapped[int] = technical(BigInteger(), nl="Beurten", en="Turns", category=Category.PROCESS, default=0)
    removed_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Verwijderd", en="Removed", category=Category.PROCESS, audited=True,
    )


class Turn(ForManagers, CompanyRow, Base):
    """When somebody last had their turn under a rule: numbered, so that the longest waiting is the lowest."""

    __tablename__ = "distribution_turn"
    __table_args__ = (to_rule(), to_user("user_id"), UniqueConstraint("company_id", "rule_id", "user_id"))
    may = "SELECT, INSERT, UPDATE"

    rule_id: Mapped[UUID] = technical(Uuid())
    user_id: Mapped[UUID] = technical(Uuid(), nl="Adviseur", en="Agent", category=Category.PROCESS)
    number: Mapped[int] = technical(BigInteger(), nl="Beurt", en="Turn", category=Category.PROCESS)
    served: Mapped[int] = technical(Integer(), nl="Gekregen", en="Received", category=Category.PROCESS, default=0)
