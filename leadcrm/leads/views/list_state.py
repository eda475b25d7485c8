"""What the address bar says about the list: filters, order, columns, page. A link made from it shows the same list."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
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
from leadcrm.leads.queries.extras import MOST_NARROWINGS, Extra, columns_named, extra_for
from leadcrm.leads.queries.lists import COLUMNS, NOBODY, SORTS, Column, Filters, Narrowing
from leadcrm.leads.services.finding import found_by

SIZES = (25, 50, 100)
SAID_SIZES = tuple(map(str, SIZES))
MOST_COLUMNS = 40
OPEN, CLOSED, ME, NONE, ALL = "open", "closed", "me", "none", "all"
KINDS: Mapping[str, Kind] = {
    "stage": Choice(Stage), "goal": Choice(Goal), "amount_from": Money(), "amount_to": Money(),
    "created_from": Date(), "created_to": Date(),
}  # fmt: skip
NAMES = ("q", "stage", "owner", "source", "label", "goal", "amount_from", "amount_to", "created_from", "created_to")
FILTERS = NAMES[1:]  # the fields of the filter menu
OURS = frozenset({"column", "sort", "size", "page", "view", "remember"})  # what else an address says
DEFAULT_SORT = "-created"
Pairs = tuple[tuple[str, str], ...]  # what an address says after its question mark


@dataclass
class ListState:
    """`typed` is what goes back into the filter fields; `refused` are those that could not be read; `gone` are labels
    of filters and columns that there were once."""

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
    view: str = ""  # the saved view that this began with, or ALL
    gone: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)

    @property
    def sorted_by(self) -> str:
        return f"{'-' if self.sort.descending else ''}{self.sort.name}"

    def address(self, **changes: str | None) -> str:
        """This list with something changed, from its first page; None takes something out."""
        return address(self.path, tuple(self.pairs), **changes)

    def says_all(self) -> None:
        """Without this, taking away the last filter would begin again with somebody's own list."""
        self.view = ALL
        self.pairs.append(("view", ALL))

    @property
    def cleared(self) -> str:
        """The list of everything."""
        return f"{self.path}?{urlencode({'view': ALL})}" if self.view else self.path

    @property
    def filter_names(self) -> tuple[str, ...]:
        """The fields of the filter menu, those of plugins too as far as they are on."""
        return (*FILTERS, *(name for name in self.typed if name not in NAMES))

    def at(self, path: str) -> str:
        """Another page about this same list."""
        return f"{path}?{urlencode(self.pairs)}" if self.pairs else path

    def kept(self, *besides: str) -> Pairs:
        """Hidden fields of a form that changes only `besides`."""
        return tuple((name, value) for name, value in self.pairs if name not in besides)


@lru_cache(maxsize=4_096)
def address(path: str, pairs: Pairs, **changes: str | None) -> str:
    kept = [(name, value) for name, value in pairs if name not in changes]
    kept += [(name, value) for name, value in changes.items() if value]
    return f"{path}?{urlencode(kept)}" if kept else path


def read_state(path: str, args: MultiDict[str, str], viewer: Viewer, mine: Taste) -> ListState:
    """From the address; what it does not say is as this person has it. Nonsense is left out and named."""
    state = ListState(path)
    extras = _extras_in(args)
    given = {name: values[0] for name, values in args.lists()}
    state.typed = {name: typed for name in NAMES if (typed := given.get(name, "").strip()[:200])}
    state.typed |= {name: typed for name in extras if (typed := _joined(args.getlist(name)))}
    brought = tuple(_narrowings(state, extras))
    state.filters = Filters(**dict(_filters(state, viewer)), extra=brought or None)
    state.sort = _walking(read_sort(given.get("sort")), brought, viewer)
    _choose_columns(state, args.getlist("column"), viewer, mine)
    size = given.get("size", "")
    state.size = int(size) if size in SAID_SIZES else mine.rows_per_page
    state.cursor = given.get("page")
    state.pairs = [*state.typed.items(), *(("column", name) for name in state.chosen)]
    state.pairs += [("sort", state.sorted_by)] if state.sorted_by != DEFAULT_SORT else []
    state.pairs += [("size", size)] if size in SAID_SIZES else []
    state.view = _view_in(given.get("view", ""))
    state.pairs += [("view", state.view)] if state.view else []
    return state


def _joined(values: Iterable[str]) -> str:
    """Several choices of one field, with commas between: in one notation, whichever form they came from."""
    return ",".join(filter(None, (value.strip() for value in values)))[:300]


def _view_in(typed: str) -> str:
    try:
        return typed if typed == ALL else str(UUID(typed))
    except ValueError:
        return ""


def _extras_in(args: MultiDict[str, str]) -> dict[str, Extra]:
    """The plugins whose filters the address names."""
    unknown = (name for name in args if name not in NAMES and name not in OURS)
    return {name: extra for name in unknown if (extra := extra_for(name))}


def _narrowings(state: ListState, extras: Mapping[str, Extra]) -> Iterator[Narrowing]:
    """Of those filters, what can be done; the rest is refused, or gone."""
    on = 0
    for name, extra in extras.items():
        if name not in state.typed:
            continue
        try:
            found = extra.narrowing(name, state.typed[name]) if on < MOST_NARROWINGS else None
        except Invalid as problem:
            state.refused[name] = str(problem)
            continue
        if found is None:
            state.gone.append(extra.label_of(name))
            del state.typed[name]
        else:
            on += 1
            yield found


def _walking(sort: Sort, brought: tuple[Narrowing, ...], viewer: Viewer) -> Sort:
    """A manager walks the index of what the list is narrowed to. Of it an agent sees a few: she walks her own leads."""
    keys = [each.orders[sort.name] for each in brought if sort.name in each.orders] if viewer.scope != Scope.OWN else []
    return replace(sort, column=keys[0][0], id=keys[0][1]) if keys else sort


def _choose_columns(state: ListState, asked: list[str], viewer: Viewer, mine: Taste) -> None:
    """Those that the address names, else the person's own, else the usual ones."""
    named = list(dict.fromkeys(asked))[:MOST_COLUMNS]
    known = columns_named(named or mine.columns.get("leads") or ())
    state.chosen = tuple(name for name in named if name in known)
    state.gone += [extra.label_of(name) for name in named if name not in known and (extra := extra_for(name))]
    if named and not state.chosen:
        known = columns_named(mine.columns.get("leads") or ())
    state.columns, state.usual = tuple(known.values()) or usual_columns(viewer.scope), not known


def read_sort(typed: str | None) -> Sort:
    """`-created` is the newest first; an order that does not exist is the usual one."""
    return _sorts().get(typed or DEFAULT_SORT) or _sorts()[DEFAULT_SORT]


@cache
def _sorts() -> Mapping[str, Sort]:
    """Both directions of each, as an address says them."""
    up = {name: replace(sort, descending=False) for name, sort in SORTS.items()}
    return up | {f"-{name}": replace(sort, descending=True) for name, sort in SORTS.items()}


def usual_columns(scope: Scope) -> tuple[Column, ...]:
    """Whoever sees only leads of their own need not read their own name on every line."""
    return tuple(column for column in COLUMNS if column.default and (scope != Scope.OWN or column.name != "owner"))


def _filters(state: ListState, viewer: Viewer) -> Any:
    for name, typed in state.typed.items():
        if name not in NAMES:
            continue
        if name == "q":
            yield "q", found_by(viewer.company_id, typed)
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
