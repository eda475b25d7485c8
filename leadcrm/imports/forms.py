"""The form of the second step: where each column goes, and what is seen of it before anything happens."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.fields.terms import Choice
from leadcrm.imports.models import Import
from leadcrm.imports.queries.known import Directories
from leadcrm.imports.services.layout import Row
from leadcrm.imports.services.mapping import Column
from leadcrm.imports.services.mapping import Mapping as Chosen
from leadcrm.imports.services.plan import Plan, Reading
from leadcrm.imports.services.targets import LEAD, OWN, PARTS, Target, kind_of, targets
from leadcrm.imports.services.values import is_empty, reader, times_for

SHOWN_VALUES = 3
LONGEST_SHOWN = 60
PREVIEW_ROWS = 5
_NUMBER = re.compile(r"-?[€$]? ?\d[\d.,]{0,30}(?:e[+-]?\d{1,2})?%?", re.IGNORECASE)
MOST_WORDS = 12  # of one column that people are asked to explain


@dataclass
class ColumnField:
    """One column of the file on the form."""

    place: int
    title: str
    values: list[str]
    column: Column
    numeric: bool
    misfits: Counter[str] = field(default_factory=Counter)
    spoken: list[str] = field(default_factory=list)  # every word in the first rows
    seen: int = 0

    @property
    def target(self) -> Target | None:
        return targets().get(self.column.target)

    @property
    def remark(self) -> str:
        """How many of the first values do not fit where they go."""
        if not self.misfits:
            return ""
        example = next(iter(self.misfits))[:LONGEST_SHOWN]
        said = _(
            "%(bad)s of the first %(seen)s values do not fit, for example “%(example)s”.",
            bad=self.misfits.total(), seen=self.seen, example=example,
        )  # fmt: skip
        return str(said)

    @property
    def words(self) -> list[tuple[str, str]]:
        """Words to be explained, with what they have been said to mean."""
        if self.target is None or not isinstance(self.target.kind, Choice):
            return []
        asked = [word for word in self.spoken if word in self.column.words or word in self.odd]
        return [(word, self.column.words.get(word, "")) for word in asked[:MOST_WORDS]]

    @property
    def odd(self) -> set[str]:
        return {word.strip().casefold() for word in self.misfits}

    @property
    def meanings(self) -> tuple[tuple[str, str], ...]:
        return () if self.target is None else self.target.kind.options


@dataclass
class Cell:
    """A cell of the preview: what will be stored, or what was written and why that cannot be."""

    shown: str
    problem: str = ""


@dataclass(frozen=True)
class FixedField:
    """A value for lines that have none of their own."""

    name: str
    label: str
    value: str
    options: tuple[tuple[str, str], ...]
    unit: str
    error: str
    required: bool


class ColumnsForm:
    """What was chosen, beside the first rows of the file."""

    def __init__(self, taken: Import, rows: Sequence[Row], directories: Directories, owners: bool) -> None:
        self.taken, self.rows, self.directories = taken, rows, directories
        self.offered = {key: target for key, target in targets().items() if owners or target.lookup != "owner"}
        self.mapping = Chosen.from_json(taken.mapping)
        self.errors: dict[str, str] = {}

    def read(self, typed: Mapping[str, str]) -> None:
        """Take over what was chosen; two columns cannot go to one place."""
        self.mapping.decimal = "." if typed.get("decimal") == "." else ","
        used: set[str] = set()
        for place, title in enumerate(self.taken.titles):
            key = typed.get(f"column-{place}", "")
            column = self._column(typed, place, key) if key in self.offered else Column()
            if column.target in used:
                self.errors[f"column-{place}"] = _("Another column goes here already. Choose another field.")
            used |= {column.target} - {""}
            self.mapping.columns[title] = column
        self._read_fixed(typed)

    def _column(self, typed: Mapping[str, str], place: int, key: str) -> Column:
        times = typed.get(f"times-{place}", "1")
        fitting = times_for(self.offered[key].kind)
        chosen = int(times) if times.isascii() and times.isdigit() and int(times) in fitting else 1
        places = range(MOST_WORDS)
        said = [(typed.get(f"said-{place}-{each}"), typed.get(f"word-{place}-{each}", "")) for each in places]
        words = {word: meaning for word, meaning in said if word}
        before = self.mapping.columns.get(self.taken.titles[place], Column())
        kept = before.words if before.target == key else {}
        return Column(key, chosen, kept | words)

    def _read_fixed(self, typed: Mapping[str, str]) -> None:
        self.mapping.fixed = {}
        for target in (*self.mapping.needed(), *self.extra()):
            value = typed.get(f"fixed-{target.key}", "").strip()
            try:
                target.kind.parse(value)
            except Invalid as problem:
                self.errors[f"fixed-{target.key}"] = str(problem)
            if target.lookup and value.casefold() not in self.directories[target.lookup]:
                value = ""
            self.mapping.fixed[target.key] = value

    def extra(self) -> list[Target]:
        """What one may want to give every lead of a bought file: where it came from, whose it is, what it cost."""
        return [
            target
            for key, target in self.offered.items()
            if key in ("lead.lead_cost", "own.tags") or (target.lookup and self.directories.names[target.lookup])
        ]

    def refuse_missing(self) -> None:
        for target in self.mapping.missing():
            self.errors.setdefault(f"fixed-{target.key}", _("Choose a value: every lead needs one."))
        if not self.mapping.used():
            self.errors["columns"] = _("Choose a field for at least one column.")

    def groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What a column can be, by part of the record."""
        return [
            (part.label, named)
            for part in (*PARTS, OWN)
            if (named := [(key, _named(target)) for key, target in self.offered.items() if target.part is part])
        ]

    def fields(self) -> list[ColumnField]:
        return [self._field(place, title) for place, title in enumerate(self.taken.titles)]

    def _field(self, place: int, title: str) -> ColumnField:
        values = [row[place] for _line, row in self.rows if place < len(row) and not is_empty(row[place])]
        column = self.mapping.columns.get(title, Column())
        numeric = sum(_NUMBER.fullmatch(value.strip()) is not None for value in values) > len(values) * 0.5
        first = [value[:LONGEST_SHOWN] for value in list(dict.fromkeys(values))[:SHOWN_VALUES]]
        shown = ColumnField(place, title, first, column, numeric, seen=len(values))
        shown.misfits = self._misfits(column, values)
        shown.spoken = list(dict.fromkeys(value.strip().casefold() for value in values))
        return shown

    def _misfits(self, column: Column, values: Sequence[str]) -> Counter[str]:
        target = targets().get(column.target)
        if target is None or target.split or target.lookup:
            return Counter()
        read = reader(target.kind, self.mapping.decimal, column.times, column.words)
        return Counter(value for value in values if not _is_read(read, value))

    def fixed(self) -> list[FixedField]:
        """Values for lines that have none of their own: those that every lead needs, then those that one may want."""
        needed = self.mapping.needed()
        return [self._fixed_field(target, target in needed) for target in (*needed, *self.extra())]

    def _fixed_field(self, target: Target, needed: bool) -> FixedField:
        names = self.directories.names.get(target.lookup, [])
        return FixedField(
            f"fixed-{target.key}", _named(target), self.mapping.fixed.get(target.key, ""),
            target.kind.options or tuple((name, name) for name in names), target.kind.unit,
            self.errors.get(f"fixed-{target.key}", ""), needed and target.key not in self.mapping.used(),
        )  # fmt: skip

    def heads(self) -> list[tuple[str, str]]:
        """Part and field of every column of the preview."""
        return [(targets()[key].part.label, targets()[key].label) for key in self.mapping.used()]

    def preview(self) -> Iterator[tuple[int, list[Cell], list[str], list[str]]]:
        """The first lines as they would be stored: line, cells, what is wrong with the whole of it, and remarks."""
        try:
            plan = Plan(self.taken.titles, self.mapping, self.directories)
        except Invalid:
            return  # a fixed value is wrong, and says so
        for line, row in self.rows[:PREVIEW_ROWS]:
            reading = plan.read(row)
            cells = [self._cell(reading, row, title, key) for key, title in self.mapping.used().items()]
            whole = [str(problem.message) for problem in reading.problems if not problem.title]
            yield line, cells, whole, [str(remark.message) for remark in reading.remarks]

    def _cell(self, reading: Reading, row: Sequence[str], title: str, key: str) -> Cell:
        target, place = targets()[key], self.taken.titles.index(title)
        raw = row[place] if place < len(row) else ""
        for problem in reading.problems:
            if problem.title == title:
                return Cell(raw[:LONGEST_SHOWN], str(problem.message))
        stored = reading.household.get(target.part.key, {})
        if target.lookup:
            return Cell(raw if stored.get(target.name) else "")
        names = target.split("x 1").keys() | target.split("X. van Y").keys() if target.split else {target.name}
        shown = [kind_of(target.part, name).show(stored.get(name)) for name in _in_order(target, names)]
        return Cell(" ".join(filter(None, shown)))

    def summary(self) -> str:
        count = len(self.mapping.used())
        return str(ngettext("%(num)s column is imported.", "%(num)s columns are imported.", count))


def _named(target: Target) -> str:
    """With its part: a closed select does not show the group."""
    return target.label if target.part in (LEAD, OWN) else f"{target.label} · {target.part.label}"


def _in_order(target: Target, names: set[str] | Any) -> list[str]:
    return [each.name for each in targets().values() if each.part is target.part and each.name in names]


def _is_read(read: Any, value: str) -> bool:
    try:
        read(value)
    except Invalid:
        return False
    return True
