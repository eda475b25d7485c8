"""Words around figures and happenings, for the templates of a lead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.language import in_dutch
from leadcrm.core.fields.money import Money, Percentage
from leadcrm.leads.forms import PART, SECTIONS
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import LoanPart
from leadcrm.leads.models.property import Property
from leadcrm.leads.models.terms import ConsentPurpose, Stage
from leadcrm.leads.models.timeline import Entry, EntryKind
from leadcrm.leads.services.ratios import Hint
from leadcrm.leads.views.cells import shown_day

money = Money().show
HIDDEN_INPUT = "assessable_income"
ENTRY_ICONS = {
    EntryKind.NOTE: "note", EntryKind.CALL: "phone", EntryKind.ASSIGNED: "user", EntryKind.STAGE: "arrow-right",
    EntryKind.CHANGED: "pencil", EntryKind.CONSENT: "checkbox",
}  # fmt: skip


@dataclass(frozen=True)
class HintCard:
    """A hint in words."""

    title: str
    figure: str
    inputs: list[str]
    missing: list[str]
    within: bool | None = None
    norm: str = ""
    no_norm: bool = False
    source: str = ""


def hint_cards(hints: Mapping[str, Any]) -> list[HintCard]:
    ltv, lti, nhg = hints["ltv"], hints["lti"], hints["nhg"]
    figure = f"{lti.value // 100},{lti.value % 100:02d}" if lti.value is not None else ""
    rule = _("Assessable income: gross with fixed supplements; of the self-employed the average profit of three years.")
    return [
        _card("LTV", ltv, Percentage(10**9).show(ltv.value), Percentage(10**9).show),
        HintCard("LTI", figure if in_dutch() else figure.replace(",", "."), _inputs(lti), _needed(lti), source=rule),
        _card(_("NHG limit"), nhg, money(nhg.value), money),
    ]


def _card(title: str, hint: Hint, figure: str, shown: Any) -> HintCard:
    norm = hint.norm
    return HintCard(
        title, figure, _inputs(hint), _needed(hint), hint.within, shown(norm.value) if norm else "",
        norm is None and hint.value is not None, f"{norm.key.label}: {norm.source}" if norm else "",
    )  # fmt: skip


def _inputs(hint: Hint) -> list[str]:
    """What the figure was made of; incomes stay behind their own reveal button."""
    return [f"{_name(name)} {money(value)}" for name, value in hint.inputs.items() if name != HIDDEN_INPUT]


def _needed(hint: Hint) -> list[str]:
    return [_name(name) for name in hint.missing]


def _name(name: str) -> str:
    if name == HIDDEN_INPUT:
        return str(_("income")).lower()
    facts = facts_of(Lead) if name in ("mortgage_amount", "property_value") else facts_of(Property)
    return facts[name].label.lower()


def part_cells(part: LoanPart) -> list[tuple[str, str, bool]]:
    """Label, value and whether it is a number, for each column of the loan parts."""
    facts = facts_of(LoanPart)
    return [
        (facts[name].label, f"{kind.show(getattr(part, name))} {kind.unit if name.endswith('months') else ''}".strip()
         if getattr(part, name) is not None else "", kind.inputmode in ("decimal", "numeric"))
        for name in PART if (kind := facts[name].kind) is not None
    ]  # fmt: skip


@dataclass(frozen=True)
class Told:
    """An entry of the timeline in words."""

    icon: str
    text: str
    note: str
    day: str
    by: str


def told(entries: Iterable[Any], names: Mapping[str, str]) -> list[Told]:
    """In words, newest first. `names` are the colleagues by id. Sections changed one after another make one line."""
    lines = []
    for _who, together in groupby(entries, key=_sitting):
        group = list(together)
        entry, by = group[0]
        text = _changed(each for each, _by in group) if entry.kind == EntryKind.CHANGED else _sentence(entry, names)
        lines.append(Told(ENTRY_ICONS[entry.kind], text, entry.text or "", shown_day(entry.at), by or ""))
    return lines


def _sitting(row: Any) -> Any:
    """Changes by one person in one hour belong together; everything else stands alone."""
    entry, _by = row
    return (
        (entry.by_id, entry.at.replace(minute=0, second=0, microsecond=0))
        if entry.kind == EntryKind.CHANGED
        else entry.id
    )


def _changed(entries: Iterable[Entry]) -> str:
    titles = dict.fromkeys(str(SECTIONS[key].title) for entry in entries if (key := entry.subject or "") in SECTIONS)
    return str(_("Changed: %(sections)s", sections=", ".join(titles)))


def _sentence(entry: Entry, names: Mapping[str, str]) -> str:
    match entry.kind:
        case EntryKind.STAGE:
            return str(_("Stage: %(stage)s", stage=_label(Stage, entry.subject)))
        case EntryKind.ASSIGNED:
            return str(_("Assigned to %(name)s", name=names.get(entry.subject or "") or _("nobody")))
        case EntryKind.CONSENT:
            return str(_("Consent: %(purpose)s", purpose=_label(ConsentPurpose, entry.subject)))
        case _:
            return entry.kind.label


def _label(terms: Any, value: str | None) -> str:
    return str(terms(value).label) if value in {str(term) for term in terms} else value or ""


def subjects(entries: Iterable[Any]) -> set[UUID]:
    """The colleagues whom the entries name."""
    return {UUID(entry.subject) for entry, _by in entries if entry.kind == EntryKind.ASSIGNED and entry.subject}
