"""Forms from field facts: one validation for page, API, import and mail.

schema() makes the pydantic model; Form shows it: labels, help, what was typed, and messages beside the fields.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Any

from flask_babel import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, create_model
from pydantic_core import PydanticCustomError

from leadcrm.core.fields.facts import Facts, facts_of
from leadcrm.core.fields.kinds import Invalid, Kind
from leadcrm.core.reveal import plain


def _parser(kind: Kind) -> Any:
    def parse(raw: Any) -> Any:
        if not isinstance(raw, str):
            return raw
        try:
            return kind.parse(raw)
        except Invalid as problem:
            raise PydanticCustomError("invalid", "{message}", {"message": str(problem.message)}) from problem

    return parse


def _typed(facts: Facts) -> tuple[Any, Any]:
    kind = facts.fillable
    return Annotated[kind.python_type | None, BeforeValidator(_parser(kind))], None


@lru_cache(maxsize=256)
def schema(model: type, names: tuple[str, ...]) -> type[BaseModel]:
    """The pydantic model of these columns; values come in as people type them or already parsed."""
    facts = facts_of(model)
    closed = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    fields: Any = {name: _typed(facts[name]) for name in names}
    return create_model(f"{model.__name__}Input", __config__=closed, **fields)


@dataclass
class FormField:
    """One field as the macros draw it. `value` goes back into the input: what was typed, when it was refused."""

    facts: Facts
    id: str
    required: bool
    kind: Kind
    value: str = ""
    errors: list[str] = field(default_factory=list)
    label_text: str = ""
    options: Sequence[tuple[str, str]] | None = None  # (value, label), when the kind alone does not know them

    @property
    def name(self) -> str:
        return self.id

    @property
    def label(self) -> str:
        return self.label_text or self.facts.label

    @property
    def help(self) -> str:
        return self.facts.help

    @property
    def choices(self) -> Sequence[tuple[str, str]]:
        offered = self.options if self.options is not None else self.kind.options
        return [(value, label) for value, label in offered if value or not self.required]


class Form:
    """Some columns of a model, to be filled in. `prefix` keeps two rows of one model apart on one page."""

    def __init__(self, model: type, names: Sequence[str], required: Sequence[str] = (), prefix: str = ""):
        self.model, self.names, self.prefix = model, tuple(names), prefix
        facts = facts_of(model)
        self.fields = {name: self._field(facts[name], name in required) for name in names}
        self.values: dict[str, Any] = {}
        self.errors: list[str] = []  # those that belong to no single field

    def _field(self, facts: Facts, required: bool) -> FormField:
        return FormField(facts, self.prefix + facts.name, required or facts.required, facts.fillable)

    def __getattr__(self, name: str) -> FormField:
        try:
            return self.__dict__["fields"][name]  # type: ignore[no-any-return]  # set in __init__
        except KeyError:
            raise AttributeError(name) from None

    def __getitem__(self, name: str) -> FormField:
        return self.fields[name]

    def __iter__(self) -> Iterator[FormField]:
        return iter(self.fields.values())

    def offer(self, name: str, options: Sequence[tuple[str, str]]) -> None:
        """The rows that a select may name, such as the agents or the sources of this company."""
        self.fields[name].options = options

    def fill(self, row: Any) -> "Form":
        """Show what a row holds, sealed values opened (the caller logs that with reveal())."""
        for name, shown in self.fields.items():
            value = plain(row, name)
            shown.value = "" if value is None else shown.kind.edit(value)
        return self

    def read(self, typed: Mapping[str, str]) -> bool:
        """Take what was typed. False when something is refused; every field then keeps it, with its message."""
        for shown in self.fields.values():
            shown.value = typed.get(shown.id, "")
        raw = {name: shown.value for name, shown in self.fields.items()}
        try:
            self.values = schema(self.model, self.names).model_validate(raw).model_dump()
        except ValidationError as problem:
            for error in problem.errors():
                self.refuse(str(error["loc"][0]), str(error["msg"]))
        self._refuse_missing()
        return self.valid

    def _refuse_missing(self) -> None:
        for name, shown in self.fields.items():
            if shown.required and (not shown.value.strip() or self.values.get(name, shown) is None):
                shown.errors.append(_("Fill in this field."))

    def refuse(self, name: str, message: str) -> None:
        self.fields[name].errors.append(message)

    @property
    def valid(self) -> bool:
        return not self.errors and not any(shown.errors for shown in self.fields.values())

    @property
    def remarks(self) -> list[str]:
        """What is unusual about values that were accepted, to be said after saving."""
        taken = ((shown, self.values.get(name)) for name, shown in self.fields.items())
        found = ((shown.label, shown.kind.warns(value)) for shown, value in taken if value is not None)
        return [f"{label}: {remark}" for label, remark in found if remark]

    def apply(self, row: Any) -> bool:
        """Put the values into the row; untouched ones stay untouched. True when anything changed."""
        changed = False
        for name, value in self.values.items():
            if plain(row, name) != value:
                setattr(row, name, value)
                changed = True
        return changed
