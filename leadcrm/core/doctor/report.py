"""What a check is, what it says, and how that is printed. Plugins bring checks of their own (`Plugin.checks`)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

import click
from flask_babel import lazy_gettext as _

from leadcrm.core.doctor.subject import Subject

Text = Any  # a str, or a lazy text that is spoken in the language of whoever reads it


class State(StrEnum):
    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"
    SKIP = "SKIP"  # could not be seen from here: nothing is claimed


OK, WARN, FAIL, SKIP = State.OK, State.WARN, State.FAIL, State.SKIP
COLOURS = {OK: "green", WARN: "yellow", FAIL: "red", SKIP: "bright_black"}


class Group(StrEnum):
    """Under which heading a check stands, in this order."""

    WEB = "web"
    KEYS = "keys"
    DATABASE = "database"
    PEOPLE = "people"
    WATCH = "watch"
    WORK = "work"
    MACHINE = "machine"
    SOFTWARE = "software"
    DUTIES = "duties"

    @property
    def title(self) -> Text:
        return TITLES[self]


TITLES = {
    Group.WEB: _("Connections and answers"),
    Group.KEYS: _("Keys and files"),
    Group.DATABASE: _("Database"),
    Group.PEOPLE: _("People and signing in"),
    Group.WATCH: _("Log and supervision"),
    Group.WORK: _("Work in the background"),
    Group.MACHINE: _("The machine"),
    Group.SOFTWARE: _("Software and updates"),
    Group.DUTIES: _("Agreements"),
}


@dataclass(frozen=True)
class Exempt:
    """An exception that one company chose; only that company and the platform are told its words."""

    company_id: UUID
    text: Text


@dataclass(frozen=True)
class Outcome:
    """What a check found. `found` may stand in a document for others; paths and names go into `detail`."""

    state: State
    found: Text
    remedy: Text = ""
    detail: str = ""
    exempt: tuple[Exempt, ...] = ()


def ok(found: Text, detail: str = "", exempt: tuple[Exempt, ...] = ()) -> Outcome:
    return Outcome(OK, found, "", detail, exempt)


def warn(found: Text, remedy: Text, detail: str = "", exempt: tuple[Exempt, ...] = ()) -> Outcome:
    return Outcome(WARN, found, remedy, detail, exempt)


def fail(found: Text, remedy: Text, detail: str = "", exempt: tuple[Exempt, ...] = ()) -> Outcome:
    return Outcome(FAIL, found, remedy, detail, exempt)


def skip(found: Text, remedy: Text = "") -> Outcome:
    return Outcome(SKIP, found, remedy)


@dataclass(frozen=True)
class Check:
    """One thing to look at. `clauses` are the duties (A2, ASVS numbers …) that it is evidence for.

    The function runs in an application context as Everything, with `session` at hand, when the application could be
    made; it may raise, which is a failure with the reason.
    """

    name: str  # unique, dotted: "keys.modes"; kept in records, so never renamed lightly
    title: Text
    group: Group
    look: Callable[[Subject], Outcome]
    clauses: tuple[str, ...] = ()
    needs_answer: bool = False  # cannot be seen when nobody answers


@dataclass(frozen=True)
class Finding:
    """A check and what it found, at a moment."""

    check: Check
    outcome: Outcome
    at: datetime

    @property
    def name(self) -> str:
        return self.check.name

    @property
    def state(self) -> State:
        return self.outcome.state

    def as_dict(self) -> dict[str, Any]:
        said = self.outcome
        return {
            "check": self.name,
            "title": str(self.check.title),
            "group": str(self.check.group),
            "clauses": list(self.check.clauses),
            "state": str(said.state),
            "found": str(said.found),
            "detail": said.detail,
            "remedy": str(said.remedy),
            "exceptions": [str(each.text) for each in said.exempt],
            "at": self.at.isoformat(timespec="seconds"),
        }


def finding(check: Check, outcome: Outcome) -> Finding:
    return Finding(check, outcome, datetime.now(UTC))


def exit_code(findings: Iterable[Finding]) -> int:
    """0: nothing to do; 1: something deserves attention; 2: something is wrong. As monitoring programs expect."""
    states = {each.state for each in findings}
    return 2 if FAIL in states else 1 if WARN in states else 0


def as_text(findings: Iterable[Finding]) -> str:
    """By group, in colour where there is a terminal, with the remedy under what is wrong."""
    order = list(Group)
    found = sorted(findings, key=lambda each: order.index(each.check.group))
    lines = [line for group, those in groupby(found, key=lambda each: each.check.group) for line in _part(group, those)]
    return "\n".join([*lines, "", _summary(found)])


def _part(group: Group, findings: Iterable[Finding]) -> Iterator[str]:
    yield click.style(f"\n{group.title}", bold=True)
    for each in findings:
        said = each.outcome
        yield f"  {click.style(f'{said.state:<4}', fg=COLOURS[said.state])}  {each.check.title!s:<42}  {said.found}"
        under = [said.detail, *(str(exempt.text) for exempt in said.exempt), f"→ {said.remedy}" if said.remedy else ""]
        yield from (f"{'':10}{line}" for line in under if line)


def _summary(findings: list[Finding]) -> str:
    counts = {state: sum(each.state == state for each in findings) for state in State}
    named = (click.style(f"{count} {state}", fg=COLOURS[state]) for state, count in counts.items() if count)
    return f"{len(findings)} checks: {', '.join(named)}"
