"""Columns of a file that other plugins take in: what a company keeps of a lead besides what every company does.

What stands under these targets comes into the household as its part `own`, by the names of the targets, and is handed
to whoever registered when the lead is written.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

Values = dict[str, Any]


class Source(ABC):
    """One plugin's targets."""

    @abstractmethod
    def targets(self) -> Sequence[Any]:
        """Those of the viewer's company, each with the part OWN (targets.py)."""

    @abstractmethod
    def take(self, lead: Values, own: Values) -> dict[type[Any], list[Values]]:
        """Put what is this plugin's into the row of the lead; returns rows of other tables that refer to it."""


_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    _sources[name] = source


def sources() -> list[Source]:
    return list(_sources.values())
