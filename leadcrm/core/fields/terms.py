"""Closed lists of values, with their words in both languages."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Self

from flask_babel import lazy_gettext as _
from sqlalchemy import Boolean, Dialect, String
from sqlalchemy.types import TypeDecorator, TypeEngine

from leadcrm.core.fields.kinds import Invalid, Kind
from leadcrm.core.fields.language import in_dutch


class Terms(StrEnum):
    """A closed list, stored as text. A member is declared as `NAME = "value", "Nederlands", "English"`."""

    nl: str
    en: str

    def __new__(cls, value: str, nl: str = "", en: str = "") -> Self:
        if not (nl and en):
            raise TypeError(f"{cls.__name__} {value!r} needs its words in both languages")
        member = str.__new__(cls, value)
        member._value_ = value
        member.nl = nl
        member.en = en
        return member

    @property
    def label(self) -> str:
        return self.nl if in_dutch() else self.en


@cache
def _spoken(terms: type[Terms]) -> dict[str, Terms]:
    """Every way to name a member: its value first, so that no label can take another member's value."""
    words: dict[str, Terms] = {}
    for member in terms:
        words[str(member).casefold()] = member
    for member in terms:
        for label in (member.nl, member.en, member.replace("_", " ")):
            words.setdefault(" ".join(label.split()).casefold(), member)
    return words


class TermsText(TypeDecorator[Terms]):
    """Text in the database, a member of the list in Python."""

    impl = String
    cache_ok = True

    def __init__(self, terms: type[Terms], room: int = 0) -> None:
        super().__init__(room or max(map(len, terms)))
        self.terms, self.room = terms, room
        self._members: dict[Any, Terms] = {str(member): member for member in terms}

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(self.terms(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> Terms | None:
        """Runs for every value of a long list: an enumeration that is called takes five times as long."""
        member = self._members.get(value)
        return member if member is not None or value is None else self.terms(value)

    @property
    def python_type(self) -> type[Any]:
        return self.terms


@dataclass(frozen=True)
class Choice(Kind):
    """One of a closed list, named by its value or by its label in either language."""

    terms: type[Terms]
    room: int = 0  # characters that the column has, where the list will still grow

    input_type: ClassVar[str] = "select"

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        return tuple((str(member), member.label) for member in self.terms)

    def read(self, text: str) -> Terms:
        member = _spoken(self.terms).get(text.casefold())
        if member is None:
            raise Invalid(_("This is not one of the choices. Choose one from the list."))
        return member

    def show(self, value: Terms | str | None) -> str:
        return "" if value is None else self.terms(value).label

    def load(self, text: str) -> Terms:
        return self.terms(text)

    def column_type(self) -> TypeEngine[Any]:
        return TermsText(self.terms, self.room)


_YES = frozenset({"ja", "j", "yes", "y", "true", "t", "1", "on", "waar", "aan", "x", "✓"})
_NO = frozenset({"nee", "n", "no", "false", "f", "0", "off", "onwaar", "uit"})


@dataclass(frozen=True)
class YesNo(Kind):
    """Yes or no; None means that nobody knows yet."""

    yes: tuple[str, str] = field(default=("Ja", "Yes"), kw_only=True)
    no: tuple[str, str] = field(default=("Nee", "No"), kw_only=True)

    python_type: ClassVar[type[Any]] = bool
    input_type: ClassVar[str] = "yesno"

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        unknown = "Niet bekend" if in_dutch() else "Not known"
        return ("yes", self.show(True)), ("no", self.show(False)), ("", unknown)

    def read(self, text: str) -> bool:
        word = text.casefold()
        if word in _YES:
            return True
        if word in _NO:
            return False
        raise Invalid(_("Answer yes or no, or leave it empty when it is not known."))

    def show(self, value: bool | None) -> str:
        if value is None:
            return ""
        words = self.yes if value else self.no
        return words[0] if in_dutch() else words[1]

    def edit(self, value: bool | None) -> str:
        return "" if value is None else self.dump(value)

    def dump(self, value: bool) -> str:
        return "yes" if value else "no"

    def load(self, text: str) -> bool:
        return text == "yes"

    def column_type(self) -> TypeEngine[Any]:
        return Boolean()
