"""What other plugins ask when a lead is entered: a part of the form of a new lead."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from leadcrm.leads.models.lead import Lead


class NewPart(Protocol):
    """Read together with the rest of the form, and saved after the lead, in the same transaction."""

    template: str  # draws it, as `part`
    errors: list[str]

    @property
    def title(self) -> str: ...

    def read(self, typed: Mapping[str, str]) -> bool: ...

    @property
    def valid(self) -> bool: ...

    def __iter__(self) -> Iterator[Any]: ...

    def save(self, lead: Lead) -> None: ...


_makers: dict[str, Callable[[], NewPart | None]] = {}


def register(name: str, make: Callable[[], NewPart | None]) -> None:
    """`make` answers None when there is nothing to ask."""
    _makers[name] = make


def made() -> list[NewPart]:
    return [part for make in _makers.values() if (part := make()) is not None]
