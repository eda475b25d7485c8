"""Two leads side by side: which of their values differ, and which would be kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from leadcrm.core.fields.facts import facts_of
from leadcrm.core.reveal import masked, plain
from leadcrm.leads.forms import SECTIONS
from leadcrm.leads.models.person import Person
from leadcrm.leads.queries.household import Household
from leadcrm.leads.services.matching import alike
from leadcrm.leads.services.names import full_name

ADDED = "added"  # a person who comes along as co-applicant
MOST_PERSONS = 2
LEAD_NAMES = ("stage", *SECTIONS["request"].names, *SECTIONS["source"].names)
Pairs = Mapping[UUID, UUID | None]  # person of the other lead → the same person of the kept one; None: comes along


@dataclass(frozen=True)
class Line:
    """One value of both. `takes_other` is what is proposed: what is known goes before what is not."""

    key: str
    label: str
    kept: str
    other: str
    takes_other: bool

    @property
    def is_asked(self) -> bool:
        """Whether there is something to choose: both know it, and differently."""
        return bool(self.kept and self.other)


@dataclass(frozen=True)
class Part:
    """What belongs together on the page, and the two rows it is about."""

    key: str
    title: str
    kept: Any
    other: Any
    lines: list[Line]


def paired(kept: Household, other: Household) -> dict[UUID, UUID | None]:
    """Who is who: the same people by what identifies them; who is left comes along while there is room."""
    found: dict[UUID, UUID | None] = {}
    free = list(kept.persons)
    for person in other.persons:
        same = next((each for each in free if alike(person, each)), None)
        if same is not None:
            free.remove(same)
            found[person.id] = same.id
    room = MOST_PERSONS - len(kept.persons)
    for person in other.persons:
        if person.id not in found:
            found[person.id] = None if room > 0 else (free.pop(0).id if free else kept.persons[0].id)
            room -= found[person.id] is None
    return found


def too_many(kept: Household, pairs: Pairs) -> bool:
    """Whether more people would come together than a household has, or two would become one person."""
    same = [ident for ident in pairs.values() if ident is not None]
    return len(kept.persons) + list(pairs.values()).count(None) > MOST_PERSONS or len(same) != len(set(same))


def compared(kept: Household, other: Household, pairs: Pairs) -> list[Part]:
    """Every part of which at least one lead knows something that the other does not, or knows differently."""
    parts = [Part("lead", str(_("Request and source")), kept.lead, other.lead, [])]
    for theirs in other.persons:
        ours = kept.person(pairs.get(theirs.id))
        if ours is not None:
            parts.append(Part(f"person{ours.position}", name_of(ours), ours, theirs, []))
    parts += [
        Part(key, str(SECTIONS[key].title), ours, theirs, [])
        for key, ours, theirs in (("property", kept.home, other.home), ("wish", kept.wish, other.wish))
        if ours is not None and theirs is not None
    ]
    for part in parts:
        part.lines.extend(_lines(part))
    return [part for part in parts if part.lines]


def name_of(person: Person) -> str:
    words = ("call_name", "first_names", "initials", "infix", "birth_name", "correspondence_name")
    name = full_name({each: getattr(person, each) for each in words})
    return name or str(_("Applicant %(number)s", number=person.position))


def names_of(part: str) -> tuple[str, ...]:
    if part == "lead":
        return LEAD_NAMES
    return SECTIONS["person" if part.startswith("person") else part].names


def _lines(part: Part) -> Iterator[Line]:
    for name in names_of(part.key):
        ours, theirs = plain(part.kept, name), plain(part.other, name)
        if theirs in (None, "") or ours == theirs:
            continue
        facts = facts_of(type(part.kept))[name]
        yield Line(
            f"{part.key}.{name}", facts.label, _shown(part.kept, name), _shown(part.other, name), ours in (None, "")
        )


def _shown(row: Any, name: str) -> str:
    value, facts = getattr(row, name), facts_of(type(row))[name]
    if value in (None, "") or facts.kind is None:
        return ""
    return masked(row, name) if facts.sensitive else facts.kind.show(value)
