"""What can be asked of a lead before it comes to a step. Other plugins may offer more: see offer()."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, exists, select

from leadcrm.core.db import session
from leadcrm.core.fields.facts import facts_of
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import Wish
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.property import Property


@dataclass(frozen=True)
class Demand:
    """Either `met` looks at the lead as it is, or `condition` is asked of the database."""

    name: str
    label: Callable[[], str]
    met: Callable[[Lead], bool] | None = None
    condition: Callable[[Lead], ColumnElement[bool]] | None = None


DEMANDS: dict[str, Demand] = {}


def offer(demand: Demand) -> None:
    DEMANDS[demand.name] = demand


def missing(lead: Lead, names: Iterable[str]) -> list[str]:
    """What is asked of this lead and not there yet, in words. What nobody offers any more is not asked."""
    asked = [DEMANDS[name] for name in names if name in DEMANDS]
    related = {each.name: each.condition(lead) for each in asked if each.condition is not None}
    answers: Any = {}
    if related:
        row = session.execute(select(*(condition.label(name) for name, condition in related.items()))).one()
        answers = row._mapping
    return [each.label() for each in asked if not (each.met(lead) if each.met else answers[each.name])]


def options() -> list[tuple[str, str]]:
    return [(each.name, each.label()) for each in DEMANDS.values()]


def _of_the_lead(column: str) -> None:
    offer(Demand(column, lambda: facts_of(Lead)[column].label, met=lambda lead: getattr(lead, column) is not None))


def _somewhere(model: Any, column: str, name: str = "", label: Any = None) -> None:
    """On one of the rows of the household."""

    def filled(lead: Lead) -> ColumnElement[bool]:
        value = getattr(model, column)
        return exists().where(model.company_id == lead.company_id, model.lead_id == lead.id, value.is_not(None))

    offer(Demand(name or column, lambda: str(label or facts_of(model)[column].label), condition=filled))


def _papers_complete(lead: Lead) -> bool:
    return lead.papers_need is not None and (lead.papers_have or 0) >= lead.papers_need


_somewhere(Person, "phone")
_somewhere(Person, "email")
_somewhere(Person, "birth_date")
_somewhere(Person, "postcode")
for each in ("goal", "urgency", "owner_id", "source_id", "label_id", "next_action"):
    _of_the_lead(each)
_somewhere(Income, "id", "income", _("Income"))
_somewhere(Property, "market_value", "property_value")
_of_the_lead("mortgage_amount")
_somewhere(Wish, "own_funds")
offer(Demand("papers", lambda: str(_("All papers are in")), met=_papers_complete))
