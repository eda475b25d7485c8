"""The actions that can be done with many leads at once. Plugins register theirs when they start."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from leadcrm.bulk.models import Result
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.fields.money import Whole
from leadcrm.core.scope import Viewer

Arguments = dict[str, Any]  # what was filled in, as JSON


@dataclass(frozen=True)
class Outcome:
    """What became of one lead. `reason` is for people, in their language; `was` is handed back when it is undone."""

    lead_id: UUID
    result: Result = Result.DONE
    reason: str = ""
    was: str | None = None


Options = Sequence[tuple[str, str]]  # value and label


@dataclass(frozen=True)
class Asked:
    """A field of an action. With options it is a choice of those, otherwise a line of text.

    Options are read from the database when the form is drawn, as whoever looks: a plain row of them, `groups` with a
    heading each, or those that belong to what else was filled in (`depending`; None: it is not asked then, and an
    empty row: in words of one's own). A choice that `decides` has the form asked for anew.
    """

    name: str
    label: Any  # lazy
    options: Callable[[], Options] | None = None
    required: bool = True
    help: Any = ""
    several: bool = False  # any number of the options; the arguments then hold a list
    groups: Callable[[], Sequence[tuple[str, Options]]] | None = None
    depending: Callable[[Mapping[str, Any]], Options | None] | None = None
    decides: bool = False


class Refused(Invalid):
    """A field of an action that cannot be taken as it is filled in."""

    def __init__(self, field: str, message: Any):
        super().__init__(message)
        self.field = field


def as_typed(typed: Mapping[str, Any]) -> Arguments:
    """For actions whose fields need no further reading."""
    return dict(typed)


@dataclass(frozen=True, eq=False)
class Action:
    """Something to do with many leads.

    `apply(lead_ids, arguments, batch)` gets leads that whoever asked sees and that are not deleted, at most some
    hundreds, in a transaction of their own; those it says nothing of count as not theirs any more. It must not commit
    and may be repeated after a crash only as a whole (what it did is then undone by the database).
    `undo(done, arguments, batch)` gets what apply() called done: lead → `was`. None: it cannot be undone.
    `read(typed)` makes arguments of what was filled in, JSON; raises Refused or Invalid.
    `said(count, arguments)` names it with its number, such as "Remove 12 leads"; `told` is said when it is done:
    "12 leads were removed.", and otherwise the same.
    """

    name: str
    label: Any  # lazy: a verb
    permission: StrEnum
    apply: Callable[[list[UUID], Arguments, UUID], list[Outcome]]
    said: Callable[[int, Arguments], str]
    told: Callable[[int, Arguments], str] | None = None
    undo: Callable[[dict[UUID, str | None], Arguments, UUID], list[Outcome]] | None = None
    step_up: bool = False
    fields: tuple[Asked, ...] = ()
    read: Callable[[Mapping[str, Any]], Arguments] = as_typed
    icon: str = "checks"
    danger: bool = False
    at_once: bool = True  # a small selection needs no confirmation when every field is filled in, and can be undone
    order: int = 50


@dataclass(frozen=True, eq=False)
class Elsewhere:
    """Something to do with a selection that is no batch: its endpoint takes the form of the bar over (exports)."""

    name: str
    label: Any  # lazy: a verb
    permission: StrEnum
    endpoint: str
    icon: str = "checks"
    danger: bool = False
    order: int = 50
    when: Callable[[Viewer], bool] = lambda _viewer: True  # asked for every list, so without the database


def shown(count: int) -> str:
    """A number for people."""
    return Whole().show(count)


_actions: dict[str, Action] = {}
_elsewhere: dict[str, Elsewhere] = {}


def register(action: Action) -> None:
    """In a plugin's start. The same name again replaces it: a plugin may bring a better one."""
    _actions[action.name] = action


def offer_elsewhere(offer: Elsewhere) -> None:
    """In a plugin's start."""
    _elsewhere[offer.name] = offer


def known(name: str) -> Action | None:
    return _actions.get(name)


def offered(viewer: Viewer) -> list[Action | Elsewhere]:
    """Those that this viewer may do, in order."""
    if viewer.read_only:
        return []
    mine: list[Action | Elsewhere] = [each for each in _actions.values() if viewer.can(each.permission)]
    mine += [each for each in _elsewhere.values() if viewer.can(each.permission) and each.when(viewer)]
    return sorted(mine, key=lambda each: (each.order, each.name))
