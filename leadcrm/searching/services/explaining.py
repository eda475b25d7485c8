"""Why a lead was found: which of its values holds what was typed, with the part that does marked."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from leadcrm.core.fields.facts import facts_of
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.timeline import Entry
from leadcrm.leads.services.finding import OR, Asked
from leadcrm.leads.services.names import normalised
from leadcrm.leads.services.sounding import is_name_like, sounds_like

WORD = re.compile(r"\w+")
AROUND = 60  # characters of a note on both sides of what was found
NAMES = ("birth_name", "correspondence_name", "call_name", "first_names")
OTHERS = ("email", "phone", "postcode", "city")


@dataclass(frozen=True)
class Why:
    """A value's name and the value, marked. Without a value it is one that is not shown."""

    label: str
    value: Markup | None = None


def marked(text: str, words: Sequence[str]) -> Markup:
    """The beginnings of words that were typed, marked; everything escaped."""
    pieces: list[Markup | str] = []
    at = 0
    for found in WORD.finditer(text):
        begun = max((len(word) for word in words if word and normalised(found[0]).startswith(word)), default=0)
        if begun:
            pieces += [escape(text[at : found.start()]), Markup("<mark>%s</mark>") % found[0][:begun], found[0][begun:]]
            at = found.end()
    return Markup("").join([*pieces, text[at:]])


def why(asked: Asked, how: str, lead: Any, persons: Sequence[Person], note: str | None) -> list[Why]:
    """The first reasons; the name of the household stands above them, so it needs no line unless it was mistyped."""
    if how == "noted":
        return [Why(note_label(), marked(_around(note or "", asked.noted), asked.noted))]
    reasons = [*_references(asked, lead), *_secrets(asked, persons)]
    for person in persons:
        reasons += _values(asked, person)
        reasons += _names(asked, person, lead.household_name, how == "like")
    return list({reason.label: reason for reason in reversed(reasons)}.values())[::-1]


def note_label() -> str:
    return facts_of(Entry)["text"].label


def _references(asked: Asked, lead: Any) -> Iterator[Why]:
    for name in ("reference", "external_reference"):
        value = getattr(lead, name) or ""
        if _holds(asked, value):
            yield Why(facts_of(Lead)[name].label, Markup("<mark>%s</mark>") % value)


def _secrets(asked: Asked, persons: Sequence[Person]) -> Iterator[Why]:
    """Whoever typed it knows it; it is shown to nobody."""
    if asked.secret:
        for name in ("birth_date", "iban"):
            if any(getattr(person, name) is not None for person in persons) and name in asked.kinds:
                yield Why(facts_of(Person)[name].label)


def _values(asked: Asked, person: Person) -> Iterator[Why]:
    facts = facts_of(Person)
    for name in OTHERS:
        value = getattr(person, name)
        if value and (_holds(asked, value) or _holds(asked, f"{value}{person.house_number or ''}")):
            shown = facts[name].fillable.show(value)
            whole = f"{shown} {person.house_number}" if name == "postcode" and person.house_number else shown
            yield Why(facts[name].label, Markup("<mark>%s</mark>") % whole)


def _names(asked: Asked, person: Person, above: str, mistyped: bool) -> Iterator[Why]:
    facts = facts_of(Person)
    for name in NAMES:
        value = getattr(person, name) or ""
        parts = WORD.findall(normalised(value))
        if mistyped and any(sounds_like(word, part) for word in _like_names(asked) for part in parts):
            yield Why(facts[name].label, Markup("<mark>%s</mark>") % value)
        elif value not in above and any(part.startswith(word) for word in asked.words for part in parts):
            yield Why(facts[name].label, marked(value, asked.words))


def _like_names(asked: Asked) -> Iterable[str]:
    return (word for word in asked.words if is_name_like(word))


def _holds(asked: Asked, value: str) -> bool:
    """As one word: a number in any notation, the beginning of an address."""
    joined = "".join(WORD.findall(normalised(value)))
    ways = (way for word in asked.words for way in word.split(OR))
    return bool(joined) and any(joined.startswith("".join(WORD.findall(way))) for way in ways if way)


def _around(text: str, words: Sequence[str]) -> str:
    """The part of a note in which the first typed word stands."""
    text = " ".join(text.split())
    first = next((each for each in WORD.finditer(text) if any(normalised(each[0]).startswith(w) for w in words)), None)
    at = first.start() if first else 0
    start, end = max(0, at - AROUND), at + AROUND
    begin = text.rfind(" ", 0, start) + 1 if start else 0
    stop = text.find(" ", end) if end < len(text) else -1
    cut = text[begin : stop if stop > 0 else len(text)]
    return f"{'… ' if begin else ''}{cut}{' …' if stop > 0 else ''}"
