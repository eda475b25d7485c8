"""What the address bar says about the list: filters, order, columns, page. A link made from it shows the same list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from werkzeug.datastructures import MultiDict

from leadcrm.auth.services.preferences import Taste
from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.kinds import Invalid, Kind
from leadcrm.core.fields.money import Money
from leadcrm.core.fields.terms import Choice
from leadcrm.core.paging import Sort
from leadcrm.core.scope import Scope, Viewer
from leadcrm.leads.models.terms import Goal, Stage
from leadcrm.leads.queries.lists import BY_NAME, COLUMNS, NOBODY, SORTS, Column, Filters
from leadcrm.leads.services.finding import search_query

SIZES = (25, 50, 100)
OPEN, CLOSED, ME, NONE = "open", "closed", "me", "none"
KINDS: Mapping[str, Kind] = {
    "stage": Choice(Stage), "goal": Choice(Goal), "amount_from": Money(), "amount_to": Money(),
    "created_from": Date(), "created_to": Date(),
}  # fmt: skip
NAMES = ("q", "stage", "owner", "source", "label", "goal", "amount_from", "amount_to", "created_from", "created_to")
FILTERS = NAMES[1:]  # the fields of the filter menu
DEFAULT_SORT = "-created"
Pairs = tuple[tuple[str, str], ...]  # what an address says after its question mark


@dataclass
class ListState:
    """`typed` is what goes back into the filter fields; `refused` are those that could not be read."""

    path: str
    typed: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    filters: Filters = field(default_factory=Filters)
    sort: Sort = field(default_factory=lambda: SORTS["created"])
    columns: tuple[Column, ...] = ()
    usual: bool = True  # nobody chose these columns
    chosen: tuple[str, ...] = ()  # columns named in the address itself
    size: int = SIZES[0]
    cursor: str | None = None
    pairs: list[tuple[str, str]] = field(default_factory=list)

    @property
    def sorted_by(self) -> str:
        return f"{'-' if self.sort.descending else ''}{self.sort.name}"

    def address(self, **changes: str | None) -> str:
        """This list with something changed, from its first page; None takes something out."""
        return address(self.path, self.pairs, **changes)

    def at(self, path: str) -> str:
        """Another page about this same list."""
        return f"{path}?{urlencode(self.pairs)}" if self.pairs else path

    def kept(self, *besides: str) -> Pairs:
        """Hidden fields of a form that changes only `besides`."""
        return tuple((name, value) for name, value in self.pairs if name not in besides)


def address(path: str, pairs: Iterable[tuple[str, str]], **changes: str | None) -> str:
    kept = [(name, value) for name, value in pairs if name not in changes]
    kept += [(name, value) for name, value in changes.items() if value]
    return f"{path}?{urlencode(kept)}" if kept else path


def read_state(path: str, args: MultiDict[str, str], viewer: Viewer, mine: Taste) -> ListState:
    """From the address; what it does not say is as this person has it. Nonsense is left out and named."""
    state = ListState(path)
    state.typed = {name: args[name].strip()[:200] for name in NAMES if args.get(name, "").strip()}
    state.filters = Filters(**dict(_filters(state, viewer)))
    state.sort = read_sort(args.get("sort"))
    state.chosen = tuple(name for name in dict.fromkeys(args.getlist("column")) if name in BY_NAME)
    chosen = [BY_NAME[name] for name in state.chosen or mine.columns.get("leads") or () if name in BY_NAME]
    state.columns, state.usual = tuple(chosen) or usual_columns(viewer.scope), not chosen
    size = args.get("size", type=int)
    state.size = size if size in SIZES else mine.rows_per_page
    state.cursor = args.get("page")
    state.pairs = [*state.typed.items(), *(("column", name) for name in state.chosen)]
    state.pairs += [("sort", state.sorted_by)] if state.sorted_by != DEFAULT_SORT else []
    state.pairs += [("size", str(size))] if size in SIZES else []
    return state


def read_sort(typed: str | None) -> Sort:
    """`-created` is the newest first; an order that does not exist is the usual one."""
    typed = typed if typed and typed.removeprefix("-") in SORTS else DEFAULT_SORT
    return replace(SORTS[typed.removeprefix("-")], descending=typed.startswith("-"))


def usual_columns(scope: Scope) -> tuple[Column, ...]:
    """Whoever sees only leads of their own need not read their own name on every line."""
    return tuple(column for column in COLUMNS if column.default and (scope != Scope.OWN or column.name != "owner"))


def _filters(state: ListState, viewer: Viewer) -> Any:
    for name, typed in state.typed.items():
        if name == "q":
            yield "q", search_query(viewer.company_id, typed)
        elif name == "stage" and typed in (OPEN, CLOSED):
            yield "closed", typed == CLOSED
        elif name == "owner" and typed in (ME, NONE):
            yield "owner", viewer.user_id if typed == ME else NOBODY
        else:
            yield name, _parsed(state, name, typed)


def _parsed(state: ListState, name: str, typed: str) -> Any:
    try:
        value = KINDS[name].parse(typed) if name in KINDS else UUID(typed)
    except Invalid as problem:
        state.refused[name] = str(problem)
        return None
    except ValueError:
        value = None
    if value is None:  # nothing that can be seen was typed
        state.refused[name] = ""
    return value
