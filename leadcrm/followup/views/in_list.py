"""Today's groups in the list of leads: whose next action is overdue or due, and whom nobody tried to reach yet."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select

from leadcrm.followup.queries import groups
from leadcrm.leads.queries.extras import Extra, Field
from leadcrm.leads.queries.lists import Column, Narrowing

FILTER = "work"
WHICH: Mapping[str, Callable[[groups.Moments], groups.Conditions]] = {
    "late": groups.actions_late, "today": groups.actions_due, "new": groups.untouched,
}  # fmt: skip


def words() -> dict[str, str]:
    return {
        "late": _("Next action overdue"), "today": _("Next action due today"), "new": _("New: nobody called yet"),
    }  # fmt: skip


class InList(Extra):
    def knows(self, name: str) -> bool:
        return name == FILTER

    def columns(self) -> Sequence[Column]:
        return ()

    def fields(self) -> Sequence[Field]:
        return [Field(FILTER, self.label_of(FILTER), tuple(words().items()))]

    def narrowing(self, name: str, typed: str) -> Narrowing | None:
        if typed not in WHICH:
            return None
        return Narrowing(name, self.label_of(name), words()[typed], among(WHICH[typed](groups.moments())))

    def label_of(self, name: str) -> str:
        return str(_("Follow-up"))


def among(conditions: groups.Conditions) -> Callable[[Select[Any]], Select[Any]]:
    return lambda statement: statement.where(*conditions)
