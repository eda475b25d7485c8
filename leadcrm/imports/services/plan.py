"""A mapping compiled for speed: a line of a file becomes the parts of a household; a bad cell becomes a problem."""

from collections.abc import Mapping as Directory
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from leadcrm.core.fields.kinds import Invalid
from leadcrm.imports.services.mapping import Column, Mapping
from leadcrm.imports.services.targets import OWN, Target, kind_of, targets
from leadcrm.imports.services.values import Reader, is_empty, reader

Household = dict[str, dict[str, Any]]
Lists = Directory[str, Directory[str, Any]]  # per lookup: the id by lower-cased name

LESS = {"partner_income": "partner", "income": "applicant"}  # an income has a person


@dataclass(frozen=True)
class Problem:
    """What is wrong with one cell, or with the whole line when there is no title. `target`: what is missing there."""

    title: str
    message: LazyString | str
    target: str = ""


@dataclass
class Reading:
    """What one line says. With problems it is not imported, unless one chooses to leave bad cells out."""

    household: Household
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _Step:
    place: int
    title: str
    part: str
    name: str
    read: Reader
    split: dict[str, Reader] | None = None
    target: Target | None = None


class Plan:
    """Made once for a file, used for each of its lines."""

    def __init__(self, titles: Sequence[str], mapping: Mapping, directories: Lists) -> None:
        self.width = len(titles)
        self.directories = directories
        self.steps = [
            self._step(place, title, mapping.columns[title], mapping.decimal)
            for place, title in enumerate(titles)
            if title in mapping.columns and mapping.columns[title].target in targets()
        ]
        self.fixed = [self._fixed(key, typed) for key, typed in mapping.fixed.items() if typed and key in targets()]
        self.required = [(target.part.key, target.name, target) for target in mapping.needed()]

    def _step(self, place: int, title: str, column: Column, decimal: str) -> _Step:
        target = targets()[column.target]
        read = self._reader(target, column, decimal)
        if target.split is None:
            return _Step(place, title, target.part.key, target.name, read)
        names = target.split("x 1").keys() | target.split("X. van Y").keys() | target.split("1a").keys()
        pieces = {name: reader(kind_of(target.part, name), decimal) for name in names}
        return _Step(place, title, target.part.key, target.name, read, pieces, target)

    def _reader(self, target: Target, column: Column, decimal: str) -> Reader:
        if target.lookup:
            return _looking_up(self.directories.get(target.lookup, {}))
        return reader(target.kind, decimal, column.times, column.words)

    def _fixed(self, key: str, typed: str) -> tuple[str, str, Any]:
        target = targets()[key]
        read = self._reader(target, Column(key), ",")
        return target.part.key, target.name, read(typed)

    def read(self, cells: Sequence[str]) -> Reading:
        """Never raises: what cannot be read is a problem of this line."""
        reading = Reading({"lead": {}})
        if len(cells) > self.width:
            wide = _("This line has %(found)s cells, the titles %(wanted)s.", found=len(cells), wanted=self.width)
            reading.problems.append(Problem("", wide))
            return reading
        for step in self.steps:
            cell = cells[step.place]
            if cell:
                self._take(step, cell, reading)
        self._complete(reading)
        return reading

    def _take(self, step: _Step, cell: str, reading: Reading) -> None:
        try:
            if step.split is None:
                value = step.read(cell)
                if value is not None:
                    found = reading.household.setdefault(step.part, {})
                    found[step.name] = value
                    if step.name == "phone":
                        found["phone_raw"] = " ".join(cell.split())[:60]
            else:
                _take_apart(step, cell, reading.household)
        except Invalid as problem:
            reading.problems.append(Problem(step.title, problem.message))

    def _complete(self, reading: Reading) -> None:
        household = reading.household
        _drop_partner_without_income(household)
        _derive_loan_part(reading)
        for part, name, value in self.fixed:
            if part == OWN.key:
                household.setdefault(part, {})
            if part in household:
                household[part].setdefault(name, value)
        for income, person in LESS.items():
            if income in household:
                household.setdefault(person, {})
        for part, name, target in self.required:
            there = household.get(part, {} if part == OWN.key else None)  # every lead has what the office keeps of it
            if there is not None and there.get(name) is None:
                missing = _("%(field)s is missing. Choose a value for lines without one.", field=target.label)
                reading.problems.append(Problem("", missing, target.key))


def _take_apart(step: _Step, cell: str, household: Household) -> None:
    """One cell for several fields; a field with a column of its own keeps that."""
    if is_empty(cell) or step.target is None or step.target.split is None or step.split is None:
        return
    found = household.setdefault(step.part, {})
    for name, text in step.target.split(" ".join(cell.split())).items():
        value = step.split[name](text)
        if value is not None:
            found.setdefault(name, value)


def _looking_up(directory: Directory[str, Any]) -> Reader:
    def read(cell: str) -> Any:
        if is_empty(cell):
            return None
        found = directory.get(" ".join(cell.split()).casefold())
        if found is None:
            raise Invalid(_("This name is not known here. Add it first, or correct it."))
        return found

    return read


def _drop_partner_without_income(household: Household) -> None:
    """An income of zero alone makes no co-applicant."""
    income = household.get("partner_income")
    if income is not None and "partner" not in household and not any(income.values()):
        del household["partner_income"]


def _derive_loan_part(reading: Reading) -> None:
    """A term or rate without an amount is about the whole mortgage; without that either it cannot be kept."""
    part = reading.household.get("loan_part")
    if part is None or "amount" in part:
        return
    amount = reading.household.get("wish", {}).get("mortgage_amount")
    if amount is not None:
        part["amount"] = amount
        return
    del reading.household["loan_part"]
    reading.remarks.append(Problem("", _("There is no mortgage amount, so the term and rate were left out.")))
