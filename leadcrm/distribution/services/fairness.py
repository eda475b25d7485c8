"""Who was offered how much, what became of it, and whether that was their share. Counted, never kept.

The expected share follows from the decisions themselves: of a lead that three could have had, each was due a third. So
whoever was away, full or of another region is not held against those who were there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, extract, func, literal, select

from leadcrm.core.db import session
from leadcrm.distribution.models.claim import Claim, Decision
from leadcrm.distribution.models.rule import Rule
from leadcrm.leads.models.lead import Lead

NOTICEABLE = 0.1  # of the share: less is chance


@dataclass(frozen=True)
class Asked:
    since: datetime
    until: datetime
    rule_id: UUID | None = None

    def within(self, moment: Any, rule: Any) -> ColumnElement[bool]:
        period = and_(moment >= self.since, moment < self.until)
        return and_(period, rule == self.rule_id) if self.rule_id else period


@dataclass
class Row:
    """One agent, or one rule."""

    id: UUID
    name: str = ""
    offered: int = 0
    claimed: int = 0
    handed_back: int = 0
    declined: int = 0
    lapsed: int = 0
    given: int = 0  # by people
    cost: int = 0  # cents
    amount: int = 0
    minutes: float | None = None  # to take up, half of them sooner
    expected: float = 0.0
    share: float = 0.0
    expected_share: float = 0.0

    @property
    def waiting(self) -> int:
        return self.offered - self.claimed - self.handed_back - self.declined - self.lapsed

    @property
    def differs(self) -> bool:
        """More or less than their share, by more than chance makes of few leads."""
        return self.offered + self.expected >= 10 and abs(self.share - self.expected_share) > NOTICEABLE


@dataclass(frozen=True)
class Speed:
    """Half of the leads of the period were sooner; in minutes."""

    leads: int = 0
    to_assigned: float | None = None
    to_claimed: float | None = None
    to_contact: float | None = None


@dataclass(frozen=True)
class Report:
    agents: Sequence[Row] = ()
    rules: Sequence[Row] = ()
    speed: Speed = field(default_factory=Speed)

    @property
    def total(self) -> int:
        return sum(row.offered for row in self.agents)


def report(asked: Asked) -> Report:
    agents = {row.id: row for row in _rows(_counted(Claim.user_id, asked))}
    for who, part in session.execute(_expected(asked)):
        agents.setdefault(who, Row(who)).expected = float(part)
    offered = sum(row.offered for row in agents.values())
    due = sum(row.expected for row in agents.values())
    for row in agents.values():
        row.share = row.offered / offered if offered else 0.0
        row.expected_share = row.expected / due if due else 0.0
    by_rule = _named(_rows(_counted(Claim.rule_id, asked).where(Claim.rule_id.is_not(None))))
    return Report(sorted(agents.values(), key=lambda row: (-row.offered, row.id)), by_rule, _speed(asked))


def _counted(by: Any, asked: Asked) -> Select[Any]:
    """By rules and by people apart; what leads are worth stands on the leads."""
    ruled = Claim.rule_id.is_not(None)
    of_lead = and_(Lead.company_id == Claim.company_id, Lead.id == Claim.lead_id)

    def many(*conditions: Any) -> Any:
        return func.count().filter(*conditions)

    return select(
        by.label("id"), many(ruled).label("offered"), many(ruled, Claim.claimed_at.is_not(None)).label("claimed"),
        many(ruled, Claim.handed_back_at.is_not(None)).label("handed_back"),
        many(ruled, Claim.declined_at.is_not(None)).label("declined"),
        many(ruled, Claim.withdrawn_at.is_not(None), Claim.claimed_at.is_(None)).label("lapsed"),
        many(~ruled).label("given"),
        func.coalesce(func.sum(Lead.lead_cost).filter(ruled), 0).label("cost"),
        func.coalesce(func.sum(Lead.mortgage_amount).filter(ruled), 0).label("amount"),
        _median(Claim.claimed_at - Claim.assigned_at).filter(ruled).label("minutes"),
    ).join(Lead, of_lead).where(asked.within(Claim.assigned_at, Claim.rule_id)).group_by(by)  # fmt: skip


def _median(length: Any) -> Any:
    return func.percentile_cont(0.5).within_group(extract("epoch", length) / literal(60.0))


def _rows(counted: Select[Any]) -> list[Row]:
    return [Row(**_whole(row._asdict())) for row in session.execute(counted)]


def _whole(values: Mapping[str, Any]) -> dict[str, Any]:
    """Sums of the database are decimals."""
    return {name: int(value) if name in ("cost", "amount") else value for name, value in values.items()}


def _expected(asked: Asked) -> Select[Any]:
    part = literal(1.0) / func.cardinality(Decision.among)
    could = select(func.unnest(Decision.among).label("who"), part.label("part")).where(
        Decision.user_id.is_not(None), asked.within(Decision.at, Decision.rule_id)
    ).subquery()  # fmt: skip
    return select(could.c.who, func.sum(could.c.part)).group_by(could.c.who)


def _named(rows: list[Row]) -> list[Row]:
    names = {row.id: row.name for row in session.execute(select(Rule.id, Rule.name))}
    for row in rows:
        row.name = names.get(row.id, "")
    return sorted(rows, key=lambda row: (-row.offered, row.name))


def _speed(asked: Asked) -> Speed:
    """Of the first time that a lead was given to somebody; leads that came in with their agent are not among these."""
    of_lead = and_(Lead.company_id == Claim.company_id, Lead.id == Claim.lead_id)
    given = select(
        Claim.lead_id, func.min(Claim.assigned_at).label("assigned"), func.min(Claim.claimed_at).label("claimed"),
        func.min(Lead.created_at).label("created"), func.min(Lead.first_contact_at).label("contact"),
    ).join(Lead, of_lead).where(
        asked.within(Claim.assigned_at, Claim.rule_id)
    ).group_by(Claim.lead_id).subquery()  # fmt: skip
    at = given.c
    lengths = (at.assigned - at.created, at.claimed - at.assigned, at.contact - at.created)
    row = session.execute(select(func.count(), *map(_median, lengths)).select_from(given)).one()
    return Speed(*row)
