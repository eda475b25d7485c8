"""Words around figures and happenings, for the templates of a lead."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
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
from leadcrm.leads.models.terms import ConsentChannel, ConsentPurpose, Stage
from leadcrm.leads.models.timeline import Entry, EntryKind
from leadcrm.leads.queries.timeline import Line
from leadcrm.leads.services.consents import Obstacle
from leadcrm.leads.services.ratios import Hint
from leadcrm.leads.services.timeline import may_mend
from leadcrm.leads.views.cells import shown_day

money = Money().show
CHANNELS = frozenset(str(channel) for channel in ConsentChannel)
HIDDEN_INPUT = "assessable_income"
ENTRY_ICONS = {
    EntryKind.NOTE: "note", EntryKind.CALL: "phone", EntryKind.ASSIGNED: "user", EntryKind.STAGE: "arrow-right",
    EntryKind.CHANGED: "pencil", EntryKind.CONSENT: "checkbox", EntryKind.ACTION: "circle-check",
    EntryKind.TASK: "circle-check", EntryKind.APPOINTMENT: "calendar", EntryKind.MERGED: "arrows-join",
}  # fmt: skip
Speech = Callable[[Entry], str]
_speeches: dict[EntryKind, Speech] = {}


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


def why_not(found: Obstacle) -> str:
    """What the consent ledger says against calling or mailing somebody."""
    channel = found.channel.label.lower()
    if found.withdrawn_at:
        day = shown_day(found.withdrawn_at)
        return str(_("Consent for %(channel)s was withdrawn on %(day)s", channel=channel, day=day))
    return str(_("There is no consent for %(channel)s", channel=channel))


@dataclass(frozen=True)
class Told:
    """An entry of the timeline in words. `earlier`: day and text of what was written before it was mended."""

    id: UUID
    icon: str
    text: str
    note: str
    day: str
    by: str
    taken_back: bool = False
    mendable: bool = False
    removable: bool = False
    earlier: list[tuple[str, str]] = field(default_factory=list)


def speak_of(kind: EntryKind, speech: Speech) -> None:
    """How a plugin says what it told the timeline, in the language of whoever reads."""
    _speeches[kind] = speech


def told(lines: Iterable[Line], names: Mapping[str, str]) -> list[Told]:
    """In words, newest first. `names` are the colleagues by id. Sections changed one after another make one line."""
    return [_told(list(together), names) for _who, together in groupby(lines, key=_sitting)]


def _told(group: list[Line], names: Mapping[str, str]) -> Told:
    line, entry = group[0], group[0].entry
    text = _changed(each.entry for each in group) if entry.kind == EntryKind.CHANGED else _sentence(entry, names)
    note = "" if entry.kind == EntryKind.ACTION else line.words or ""
    earlier = [] if line.taken_back else [(shown_day(each.at), each.text or "") for each in line.earlier]
    mendable = may_mend(entry)
    return Told(
        entry.id, ENTRY_ICONS[entry.kind], text, note, shown_day(entry.at), line.by or "", line.taken_back, mendable,
        mendable and entry.kind == EntryKind.NOTE, earlier,
    )  # fmt: skip


def _sitting(line: Line) -> Any:
    """Changes by one person in one hour belong together; everything else stands alone."""
    entry = line.entry
    return (
        (entry.by_id, entry.at.replace(minute=0, second=0, microsecond=0))
        if entry.kind == EntryKind.CHANGED
        else entry.id
    )


def _changed(entries: Iterable[Entry]) -> str:
    titles = dict.fromkeys(str(SECTIONS[key].title) for entry in entries if (key := entry.subject or "") in SECTIONS)
    return str(_("Changed: %(sections)s", sections=", ".join(titles)))


def _sentence(entry: Entry, names: Mapping[str, str]) -> str:
    if entry.kind in _speeches and entry.subject:
        return _speeches[entry.kind](entry)
    match entry.kind:
        case EntryKind.STAGE:
            return str(_("Stage: %(stage)s", stage=_label(Stage, entry.subject)))
        case EntryKind.ASSIGNED:
            return str(_("Assigned to %(name)s", name=names.get(entry.subject or "") or _("nobody")))
        case EntryKind.CONSENT if entry.subject in CHANNELS:
            return str(_("Approached all the same: %(channel)s", channel=_label(ConsentChannel, entry.subject)))
        case EntryKind.CONSENT:
            return str(_("Consent: %(purpose)s", purpose=_label(ConsentPurpose, entry.subject)))
        case EntryKind.ACTION:
            return str(_("Finished: %(action)s", action=entry.text or _("Next action")))
        case _:
            return entry.kind.label


def _label(terms: Any, value: str | None) -> str:
    return str(terms(value).label) if value in {str(term) for term in terms} else value or ""


def subjects(lines: Iterable[Line]) -> set[UUID]:
    """The colleagues whom the entries name."""
    named = (line.entry for line in lines if line.entry.kind == EntryKind.ASSIGNED)
    return {UUID(entry.subject) for entry in named if entry.subject}
