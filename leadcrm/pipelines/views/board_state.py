"""What the address says about the board: which pipeline, narrowed to what, in which order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID

from flask import url_for
from werkzeug.datastructures import MultiDict

from leadcrm.core.paging import Sort
from leadcrm.core.scope import Scope, Viewer
from leadcrm.leads.queries.lists import NOBODY
from leadcrm.pipelines.queries.board import LONGEST, NEWEST, Narrowed
from leadcrm.pipelines.services.layout import Layout, Line, Stop

FILTERS = ("owner", "source", "label")
ME, NONE = "me", "none"
ORDERS: Mapping[str, Sort] = {"newest": NEWEST, "longest": LONGEST}


@dataclass
class BoardState:
    """`pairs` say the same in an address; nonsense is left out of it."""

    line: Line
    narrowed: Narrowed
    order: str = "newest"
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def sort(self) -> Sort:
        return ORDERS[self.order]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        named = [] if self.line.is_standard else [("pipeline", str(self.line.id))]
        ordered = [] if self.order == "newest" else [("order", self.order)]
        return named + list(self.typed.items()) + ordered

    @property
    def address(self) -> str:
        """This board: what comes back to it goes here."""
        return address(self.pairs)

    def of(self, stop: Stop, endpoint: str, page: str = "") -> str:
        """A part of this board about one column."""
        return address([*self.pairs, ("step", str(stop.id)), *([("page", page)] if page else [])], endpoint)

    def without(self, *names: str) -> str:
        kept = [(name, value) for name, value in self.pairs if name not in names]
        return address(kept)


def address(pairs: Iterable[tuple[str, str]], endpoint: str = "pipelines.show_board") -> str:
    said = urlencode(list(pairs))
    return f"{url_for(endpoint)}?{said}" if said else url_for(endpoint)


def read_state(layout: Layout, args: MultiDict[str, str], viewer: Viewer) -> BoardState:
    line = layout.line(_uuid(args.get("pipeline", "")))
    typed: dict[str, str] = {}
    values: dict[str, UUID] = {}
    for name in FILTERS:
        value = _value(name, args.get(name, "").strip(), viewer)
        if value is not None:
            typed[name], values[name] = args[name].strip(), value
    order = args.get("order", "")
    one_owner = viewer.scope == Scope.OWN or values.get("owner", NOBODY) != NOBODY
    return BoardState(line, Narrowed(**values, one_owner=one_owner), order if order in ORDERS else "newest", typed)


def _value(name: str, typed: str, viewer: Viewer) -> UUID | None:
    if name == "owner" and typed in (ME, NONE):
        return viewer.user_id if typed == ME else NOBODY
    return _uuid(typed)


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
