"""Declare a field once: forms, lists, import, export, change log and processing register read these facts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeEngine

from leadcrm.core.fields.kinds import Kind
from leadcrm.core.fields.language import current_language
from leadcrm.core.fields.sealed import SealedType


class Category(StrEnum):
    """What sort of data a column holds, in the words of the processing register."""

    IDENTITY = "identity"
    CONTACT = "contact"
    FAMILY = "family"
    INCOME = "income"
    OBLIGATION = "obligation"
    WEALTH = "wealth"
    PROPERTY = "property"
    MORTGAGE = "mortgage"
    CONSENT = "consent"
    PROCESS = "process"
    ACCOUNT = "account"
    SECURITY = "security"
    TECHNICAL = "technical"


class Purpose(StrEnum):
    """Why it is held (processing agreement, art. 2)."""

    ADVICE = "advice"
    SERVICE = "service"
    ADMINISTRATION = "administration"
    INVOICING = "invoicing"
    COMPLAINTS = "complaints"
    SECURITY = "security"
    OPERATION = "operation"


@dataclass(frozen=True)
class Boxed:
    """A column of bytes that holds a sealed box; where it opens, when that is not its own table, column and row."""

    table: str = ""
    column: str = ""
    row: str = "id"  # the column that holds the id which the box is bound to


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that is known of one column."""

    nl: str
    en: str
    kind: Kind | None
    category: Category
    purpose: Purpose
    name: str = ""
    personal: bool = False
    sensitive: bool = False
    audited: bool = False
    importable: bool = False
    searchable: bool = False
    required: bool = False
    help_nl: str = ""
    help_en: str = ""
    boxed: Boxed | None = None

    @property
    def label(self) -> str:
        return self.en if current_language() == "en" else self.nl

    @property
    def fillable(self) -> Kind:
        """The kind of a column that people fill in; asking a technical one for it is a mistake of ours."""
        if self.kind is None:
            raise TypeError(f"{self.name} is not for people to fill in")
        return self.kind

    @property
    def help(self) -> str:
        return self.help_en if current_language() == "en" else self.help_nl


def field(
    kind: Kind,
    *,
    nl: str,
    en: str,
    category: Category,
    purpose: Purpose = Purpose.ADVICE,
    personal: bool = False,
    sensitive: bool = False,
    audited: bool = False,
    importable: bool = False,
    searchable: bool = False,
    required: bool = False,
    help_nl: str = "",
    help_en: str = "",
    **column_options: Any,
) -> MappedColumn[Any]:
    """A column with its facts. A sensitive one is stored sealed, whatever its kind."""
    facts = Facts(
        nl=nl, en=en, kind=kind, category=category, purpose=purpose, personal=personal or sensitive,
        sensitive=sensitive, audited=audited, importable=importable, searchable=searchable,
        required=required, help_nl=help_nl, help_en=help_en,
    )
    type_: TypeEngine[Any] = SealedType() if sensitive else kind.column_type()
    return mapped_column(type_, info={"facts": facts}, active_history=audited, **column_options)  # the old value too


def technical(
    type_: TypeEngine[Any] | type[TypeEngine[Any]],
    *arguments: Any,
    nl: str = "",
    en: str = "",
    category: Category = Category.TECHNICAL,
    personal: bool = False,
    audited: bool = False,
    boxed: Boxed | None = None,
    **column_options: Any,
) -> MappedColumn[Any]:
    """A key, time stamp, counter or token: nothing a person types or reads as such."""
    facts = Facts(
        nl=nl, en=en, kind=None, category=category, purpose=Purpose.OPERATION, personal=personal, audited=audited,
        boxed=boxed,
    )
    return mapped_column(type_, *arguments, info={"facts": facts}, active_history=audited, **column_options)


_known: dict[type, dict[str, Facts]] = {}


def facts_of(model: type) -> dict[str, Facts]:
    """The facts of every mapped column that has them, by attribute name."""
    if model not in _known:
        _known[model] = dict(_read_facts(model))
    return _known[model]


def _read_facts(model: type) -> list[tuple[str, Facts]]:
    found = []
    attribute: Any
    for attribute in inspect(model).column_attrs:
        facts = attribute.columns[0].info.get("facts")
        if facts is not None:
            found.append((attribute.key, _named(facts, attribute.key)))
    return found


def _named(facts: Facts, name: str) -> Facts:
    return Facts(**{**facts.__dict__, "name": name})
