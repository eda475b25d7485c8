"""What the fields of an arrival mean, and what is wrong with them: the readers of the import, the rules of the form."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from leadcrm.core.fields.bsn import mask
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.kinds import Invalid
from leadcrm.imports.services.mapping import Column
from leadcrm.imports.services.mapping import Mapping as Columns
from leadcrm.imports.services.plan import Household, Plan
from leadcrm.imports.services.suggest import (
    USUAL,
    one_way_to_write_names,
    phrase,
    target_of_everybody,
    target_of_the_office,
)
from leadcrm.imports.services.targets import LOOKUPS, PARTS, Target, own_targets, targets, targets_of_all
from leadcrm.intake.services.content import Content
from leadcrm.leads.models.terms import Goal
from leadcrm.leads.services.rules import parts_problem, problems

# A supplier says who the client is and what they want: not whose lead it is, where it stands, nor what it costs.
OURS = frozenset({
    *(f"lead.{name}" for name, *_words in LOOKUPS), "lead.stage", "lead.lead_cost", "lead.exclusive",
    "lead.return_deadline", "lead.last_contact_at", "lead.next_action", "lead.next_action_at",
})  # fmt: skip
MESSAGE = frozenset({
    "message", "bericht", "opmerking", "opmerkingen", "notes", "note", "notitie", "vraag", "toelichting", "remarks",
    "comment", "comments", "omschrijving", "question", "uw vraag", "uw bericht", "aanvullende informatie",
})  # fmt: skip
CONSENT = {
    "consent": "given", "toestemming": "given", "akkoord": "given", "consent given": "given", "privacy": "given",
    "akkoord privacy": "given", "consent text version": "text_version", "consent version": "text_version",
    "toestemming versie": "text_version", "consent given at": "given_at", "consent at": "given_at",
    "toestemming op": "given_at",
}  # fmt: skip
YES = frozenset({"ja", "yes", "true", "1", "on", "akkoord", "j", "y", "waar"})
MONTHLY = frozenset({"maand", "maandinkomen", "maandsalaris", "month", "monthly"})
LONGEST_NOTE = 4_800
_DIGITS_ONLY = re.compile(r"\d+")


@dataclass(frozen=True)
class Problem:
    """`name` is the field as it came, `target` where it belongs; either may be empty."""

    name: str
    target: str
    message: LazyString | str


@dataclass
class Judged:
    household: Household
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    consent: dict[str, Any] | None = None
    recognised: int = 0

    @property
    def note(self) -> str | None:
        """One entry of the timeline. Citizen service numbers were starred at the door; once more costs nothing."""
        text, _hits = mask("\n".join(self.notes)[:LONGEST_NOTE])
        return text.strip() or None


def accepted() -> list[Target]:
    """What a supplier may send, in the order of the record."""
    return [target for key, target in targets().items() if key not in OURS]


def meaning(name: str) -> str:
    """The target of a name; `note`, `consent.…`, or nothing: then it is kept in the notes with its name."""
    if name in own_targets():
        return name
    everybodys = _for_everybody(name)
    if name in targets_of_all() or everybodys == "note" or everybodys.startswith("consent."):
        return everybodys
    words = phrase(name)
    return everybodys if _DIGITS_ONLY.fullmatch(words) else target_of_the_office(words) or everybodys


@lru_cache(maxsize=4096)
def _for_everybody(name: str) -> str:
    """Remembered for all companies, so without what is one's own."""
    if name in targets_of_all():
        return "" if name in OURS else name
    words = phrase(name)
    if words in MESSAGE:
        return "note"
    if words in CONSENT:
        return f"consent.{CONSENT[words]}"
    key = target_of_everybody(words)
    return "" if key in OURS or _DIGITS_ONLY.fullmatch(words) else key


class Plans:
    """The plans of a batch of one company, made once for each set of names. Not kept longer: they remember what they
    read."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, ...], Plan] = {}
        self._meant: dict[str, str] = {}

    @cached_property
    def places(self) -> dict[str, Target]:
        return targets()

    def meaning(self, name: str) -> str:
        if name not in self._meant:
            self._meant[name] = meaning(name)
        return self._meant[name]

    def of(self, names: tuple[str, ...], goal: Goal | None) -> Plan:
        key = (str(goal or ""), *names)
        if key not in self._made:
            columns = Columns({name: _column(name) for name in names}, dict(_usual(goal)))
            one_way_to_write_names(columns)
            self._made[key] = Plan(names, columns, {})
        return self._made[key]


def _column(name: str) -> Column:
    key = meaning(name)
    monthly = key.endswith(".gross_year") and name not in targets() and MONTHLY & set(phrase(name).split())
    return Column(key, 12 if monthly else 1)


def _usual(goal: Goal | None) -> Iterator[tuple[str, str]]:
    """The commonest, where a part of a lead cannot be kept without; the goal is what the source's settings say."""
    yield from ((key, value) for key, value in USUAL.items() if key != "lead.goal")
    if goal is not None:
        yield "lead.goal", str(goal)


def judge(content: Content, goal: Goal | None, plans: Plans) -> Judged:
    """Never raises: what cannot be used is a problem, what nobody knows is a note."""
    named = content.named
    meant = {name: plans.meaning(name) for name in named}
    known = _known(named, meant, plans.places)
    reading = plans.of(tuple(known), goal).read(list(known.values()))
    judged = Judged(reading.household, recognised=len(known))
    for each in reading.problems:
        judged.problems.append(Problem(each.title, each.target or meaning(each.title), each.message))
    judged.problems += _together(reading.household)
    judged.consent = _consent(named, meant, judged)
    judged.notes += _rest(named, meant, known)
    judged.notes += _notes(content, [str(each.message) for each in reading.remarks])
    return judged


def _known(named: Mapping[str, str], meant: Mapping[str, str], places: Container[str]) -> dict[str, str]:
    """The fields that have a place, one for each."""
    taken: dict[str, str] = {}
    for name, key in meant.items():
        if key in places and key not in taken:
            taken[key] = name
    return {name: named[name] for name in taken.values()}


def _together(household: Household) -> list[Problem]:
    """The rules between fields, the same as in the form."""
    found = [
        Problem("", f"{part.key}.{name}", message)
        for part in PARTS
        if part.key in household
        for name, message in problems(part.model, household[part.key])
    ]
    if "applicant" not in household:
        found.append(Problem("", "applicant.birth_name", _NOBODY))
    parts = [household["loan_part"]] if "loan_part" in household else []
    total = parts_problem(household.get("wish", {}), parts)
    return [*found, Problem("", "wish.mortgage_amount", total)] if total is not None else found


_NOBODY = _("Fill in a name, or at least an e-mail address or telephone number.")


def _consent(named: Mapping[str, str], meant: Mapping[str, str], judged: Judged) -> dict[str, Any] | None:
    said = {key.partition(".")[2]: (name, named[name]) for name, key in meant.items() if key.startswith("consent.")}
    if said.get("given", ("", ""))[1].lower() not in YES:
        return None
    consent: dict[str, Any] = {"text_version": said.get("text_version", ("", ""))[1][:60] or None}
    name, text = said.get("given_at", ("", ""))
    if text:
        try:
            consent["given_at"] = moment_of(text)
        except Invalid as problem:
            judged.problems.append(Problem(name, "", problem.message))
    return consent


def moment_of(text: str) -> datetime | None:
    """As people write it, or as programs do (ISO 8601 with its time zone)."""
    found: datetime | None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        found = Moment().parse(text)
    return found


def _rest(named: Mapping[str, str], meant: Mapping[str, str], known: Mapping[str, str]) -> Iterator[str]:
    """Messages, and what has no place of its own, with its name."""
    yield from (named[name] for name, key in meant.items() if key == "note")
    for name, key in meant.items():
        if name not in known and key != "note" and not key.startswith("consent."):
            yield f"{name}: {named[name]}"


def _notes(content: Content, remarks: Sequence[str]) -> Iterator[str]:
    yield from remarks
    if content.attachments:
        yield str(_("Attachments, which were not kept: %(names)s", names=", ".join(content.attachments)))
    if content.masked:
        yield str(_("A citizen service number was left out."))
