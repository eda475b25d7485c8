"""What a household is called, and how it is sorted."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

Words = Mapping[str, Any]  # attribute → plain value of a person

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"})
LONGEST_NAME, LONGEST_SORT_NAME = 255, 120


def normalised(text: str) -> str:
    """Small letters without accents: what is compared and searched."""
    if text.isascii():
        return text.lower()
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return bare.casefold().translate(_LETTERS)


def first_name(person: Words) -> str:
    """What the person is called; else the first of the official names; else the initials."""
    official = (person.get("first_names") or "").split()
    return person.get("call_name") or (official[0] if official else person.get("initials") or "")


def last_name(person: Words) -> str:
    if person.get("correspondence_name"):
        return str(person["correspondence_name"])
    return " ".join(part for part in (person.get("infix"), person.get("birth_name")) if part)


def full_name(person: Words) -> str:
    return " ".join(part for part in (first_name(person), last_name(person)) if part)


def household_name(persons: Sequence[Words]) -> str:
    """`Jan de Vries & Els Bakker`, `Jan & Els de Vries`; without a name the e-mail address or telephone number."""
    if len(persons) == 2 and last_name(persons[0]) and last_name(persons[0]) == last_name(persons[1]):
        firsts = " & ".join(name for name in map(first_name, persons) if name)
        return f"{firsts} {last_name(persons[0])}".strip()[:LONGEST_NAME]
    named = [full_name(person) for person in persons]
    known = [name for name in named if name] or [_contact(person) for person in persons]
    return " & ".join(name for name in known if name)[:LONGEST_NAME]


def _contact(person: Words) -> str:
    return person.get("email") or person.get("phone") or ""


def sort_name(persons: Sequence[Words]) -> str | None:
    """As a Dutch index has it: `vries jan` for Jan de Vries. None when no name is known."""
    for person in persons:
        last = person.get("birth_name") or person.get("correspondence_name")
        words = [word for word in (last, first_name(person)) if word]
        if words:
            return normalised(" ".join(words))[:LONGEST_SORT_NAME]
    return None
