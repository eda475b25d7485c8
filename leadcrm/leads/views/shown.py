"""Rows as quiet lists of facts: only what is known, sensitive values masked unless they were asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

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
    return [fact for name in names if (fact := _fact(row, name, row.id in opened)) is not None]


def _fact(row: Any, name: str, opened: bool) -> Fact | None:
    value = getattr(row, name)
    if value is None or value == "":
        return None
    facts = facts_of(type(row))[name]
    if facts.kind is None:
        return None
    if not facts.sensitive:
        return Fact(name, facts.label, facts.kind.show(value))
    return Fact(name, facts.label, facts.kind.show(peek(row, name)) if opened else masked(row, name), not opened)
