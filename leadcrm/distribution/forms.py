"""The forms of a rule, a profile and a week."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from leadcrm.core.fields.terms import Terms
from leadcrm.core.forms import Form
from leadcrm.distribution.models.profile import Absence, Profile
from leadcrm.distribution.models.rule import Rule
from leadcrm.distribution.models.terms import Trait, Weekday
from leadcrm.leads.models.terms import Employment, Goal, Tongue

RULE = ("name", "active", "how", "regions")
PROFILE = ("takes_part", "per_day", "open_most", "regions", "works_holidays")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.u]?(\d{2}))?")


@dataclass
class Several:
    """Any number of what is offered. What is not offered cannot be chosen."""

    name: str
    label: Any
    options: Sequence[tuple[str, str]]
    help: Any = ""
    chosen: set[str] = field(default_factory=set)

    def read(self, typed: Iterable[str]) -> None:
        self.chosen = set(typed) & {value for value, _label in self.options}

    @property
    def values(self) -> list[str]:
        """In the order in which they are offered."""
        return [value for value, _label in self.options if value in self.chosen]

    @property
    def words(self) -> str:
        return ", ".join(label for value, label in self.options if value in self.chosen)

    @property
    def ids(self) -> list[UUID]:
        return [UUID(value) for value in self.values]


def of_terms(name: str, label: Any, terms: type[Terms], help: Any = "") -> Several:
    return Several(name, label, [(str(term), term.label) for term in terms], help)


@dataclass
class Hours:
    """From when until when on one day; both empty is not at all."""

    day: Weekday
    begins: str = ""
    ends: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"begins-{self.day}"

    @property
    def label(self) -> str:
        return self.day.label

    def read(self, typed: Mapping[str, str]) -> None:
        self.begins, self.ends = (typed.get(f"{name}-{self.day}", "").strip() for name in ("begins", "ends"))
        begins, ends = clock(self.begins), clock(self.ends)
        if bool(self.begins) != bool(self.ends):
            self.errors.append(_("Fill in both times, or neither."))
        elif self.begins and (begins is None or ends is None):
            self.errors.append(_("This is not a time. Type it like 9:00 or 17:30."))
        elif begins and ends and begins >= ends:
            self.errors.append(_("The end must be after the beginning."))
        else:
            self.begins, self.ends = begins or "", ends or ""


def clock(typed: str) -> str | None:
    """`9`, `9.00`, `0900` and `9u00` are nine o'clock."""
    match = _CLOCK.fullmatch(typed)
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (99, 99)
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None


class WholeForm:
    """A form of columns with choices of several beside it."""

    def __init__(self, main: Form, several: Sequence[Several], week: Sequence[Hours] = ()):
        self.main, self.several, self.week = main, tuple(several), tuple(week)

    def __iter__(self) -> Iterator[Any]:
        yield from self.main
        yield from self.week

    @property
    def errors(self) -> list[str]:
        return self.main.errors

    @property
    def valid(self) -> bool:
        return self.main.valid and not any(day.errors for day in self.week)

    def read(self, typed: Any) -> bool:
        """`typed` is a MultiDict."""
        for each in self.several:
            each.read(typed.getlist(each.name))
        for day in self.week:
            day.read(typed)
        self.main.read(typed)
        return self.valid

    def choice(self, name: str) -> Several:
        return next(each for each in self.several if each.name == name)

    def fill(self, row: Any, columns: Mapping[str, str]) -> None:
        self.main.fill(row)
        for name, column in columns.items():
            self.choice(name).chosen = {str(value) for value in getattr(row, column) or ()}


@dataclass(frozen=True)
class Offered:
    """Rows of the company that a rule may name."""

    labels: Sequence[tuple[str, str]]
    sources: Sequence[tuple[str, str]]
    agents: Sequence[tuple[str, str]]


COLUMNS_OF_RULE = {
    "goal": "goals", "employment": "employments", "language": "languages", "label": "label_ids",
    "source": "source_ids", "agent": "agent_ids", "trait": "traits",
}  # fmt: skip
COLUMNS_OF_PROFILE = {"goal": "goals", "employment": "employments", "language": "languages"}
ALL_LEADS = lazy_gettext("Tick none to take every lead.")


def rule_form(offered: Offered, row: Rule | None = None) -> WholeForm:
    form = WholeForm(Form(Rule, RULE), [
        of_terms("goal", lazy_gettext("Only with these goals"), Goal, ALL_LEADS),
        of_terms("employment", lazy_gettext("Only with these incomes"), Employment, ALL_LEADS),
        of_terms("language", lazy_gettext("Only in these languages"), Tongue, ALL_LEADS),
        Several("label", lazy_gettext("Only of these labels"), offered.labels, ALL_LEADS),
        Several("source", lazy_gettext("Only from these sources"), offered.sources, ALL_LEADS),
        Several("agent", lazy_gettext("Only to these agents"), offered.agents,
                lazy_gettext("Tick none to consider everybody who takes part.")),
        of_terms("trait", lazy_gettext("The profile of the agent must fit"), Trait,
                 lazy_gettext("Hours, absence and limits always count.")),
    ])  # fmt: skip
    if row is not None:
        form.fill(row, COLUMNS_OF_RULE)
    else:
        form.main["active"].value, form.main["how"].value = "yes", "round_robin"
    return form


def rule_values(form: WholeForm) -> dict[str, Any]:
    words = {COLUMNS_OF_RULE[name]: form.choice(name).values for name in ("goal", "employment", "language", "trait")}
    rows = {COLUMNS_OF_RULE[name]: form.choice(name).ids for name in ("label", "source", "agent")}
    return form.main.values | words | rows


def profile_form(row: Profile) -> WholeForm:
    everything = lazy_gettext("Tick none for everything.")
    week = [Hours(day, *(row.hours.get(str(day)) or ("", ""))) for day in Weekday]
    form = WholeForm(Form(Profile, PROFILE), [
        of_terms("goal", lazy_gettext("Advises on these goals"), Goal, everything),
        of_terms("employment", lazy_gettext("Advises on these incomes"), Employment, everything),
        of_terms("language", lazy_gettext("Speaks"), Tongue, lazy_gettext("Tick none for Dutch only.")),
    ], week)  # fmt: skip
    form.fill(row, COLUMNS_OF_PROFILE)
    return form


def profile_values(form: WholeForm) -> dict[str, Any]:
    words = {column: form.choice(name).values for name, column in COLUMNS_OF_PROFILE.items()}
    hours = {str(day.day): [day.begins, day.ends] for day in form.week if day.begins}
    return form.main.values | words | {"hours": hours}


def absence_form() -> Form:
    return Form(Absence, ("first_on", "last_on"))
