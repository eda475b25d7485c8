"""Rows as quiet lists of facts: only what is known, sensitive values masked unless they were asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from leadcrm.core.fields.facts import facts_of
from leadcrm.core.reveal import masked, peek


@dataclass(frozen=True)
class Fact:
    """`hidden` is a mask with a button that shows the value."""

    name: str
    label: str
    value: str
    hidden: bool = False


def facts_shown(row: Any, names: Iterable[str], opened: frozenset[UUID] = frozenset()) -> list[Fact]:
    """Of one row, in this order. `opened` holds the ids of rows whose values were revealed (and logged)."""
    if row is None:
        return []
    found = [_address(row) if name == "postcode" else _fact(row, name, row.id in opened) for name in names]
    return [fact for fact in found if fact is not None]


ADDRESS = ("house_number", "house_suffix", "street", "city")  # shown together, in the place of the postcode


def _address(row: Any) -> Fact | None:
    """`Dorpsstraat 12 A, 1234 AB Utrecht`."""
    door = " ".join(str(part) for part in (row.street, row.house_number, row.house_suffix) if part)
    place = " ".join(part for part in (row.postcode, row.city) if part)
    value = ", ".join(part for part in (door, place) if part)
    return Fact("postcode", str(_("Address")), value) if value else None


def _fact(row: Any, name: str, opened: bool) -> Fact | None:
    value = getattr(row, name)
    if value is None or value == "" or name in ADDRESS:
        return None
    facts = facts_of(type(row))[name]
    if facts.kind is None:
        return None
    if not facts.sensitive:
        return Fact(name, facts.label, facts.kind.show(value))
    return Fact(name, facts.label, facts.kind.show(peek(row, name)) if opened else masked(row, name), not opened)
