"""What other plugins add to the list of leads: columns, and filters with their fields in the menu.

A plugin registers one Extra when it starts. Nothing here runs for a list that uses none of them: names in an address
are known by what they look like, and only then is anybody asked.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leadcrm.leads.queries.lists import BY_NAME, Column, Narrowing

MOST_NARROWINGS = 4  # at once: each is one more table to look into for every row


@dataclass(frozen=True)
class Field:
    """A field of the filter menu: a choice of (value, label), or a line of text.

    With `several` any number of the options may be chosen: the filter gets them with commas between. `besides` is one
    more, which says how they are meant.
    """

    name: str
    label: str
    options: tuple[tuple[str, str], ...] | None = None
    inputmode: str = "text"
    unit: str = ""
    is_date: bool = False
    several: bool = False
    besides: tuple[str, str] | None = None


class Extra(ABC):
    """One plugin's columns and filters. Their names begin with a word of the plugin's own."""

    @abstractmethod
    def knows(self, name: str) -> bool:
        """Whether a filter or column of this name is, or was, of this plugin; asks nobody."""

    @abstractmethod
    def columns(self) -> Sequence[Column]:
        """Those that can be shown now, to whoever looks."""

    @abstractmethod
    def fields(self) -> Sequence[Field]:
        """What the filter menu offers now."""

    @abstractmethod
    def narrowing(self, name: str, typed: str) -> Narrowing | None:
        """The filter as it was typed; None when there is no such thing any more. Raises Invalid."""

    @abstractmethod
    def label_of(self, name: str) -> str:
        """How to call a filter or column that may be gone."""


_extras: dict[str, Extra] = {}


def register(name: str, extra: Extra) -> None:
    _extras[name] = extra


def extra_for(name: str) -> Extra | None:
    return next((extra for extra in _extras.values() if extra.knows(name)), None)


def columns_named(names: Iterable[str]) -> dict[str, Column]:
    """Columns by name, as far as they exist."""
    wanted = list(names)
    asked = {id(extra): extra for name in wanted if name not in BY_NAME and (extra := extra_for(name))}
    brought = {column.name: column for extra in asked.values() for column in extra.columns()}
    return {name: column for name in wanted if (column := BY_NAME.get(name) or brought.get(name))}


def all_columns() -> list[Column]:
    """Every column that can be chosen."""
    return [*BY_NAME.values(), *(column for extra in _extras.values() for column in extra.columns())]


def all_fields() -> list[Field]:
    return [field for extra in _extras.values() for field in extra.fields()]
