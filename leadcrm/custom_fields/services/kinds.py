"""Which kind of core reads, checks and shows the values of an own field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _

from leadcrm.core.fields.bsn import refuse
from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.kinds import Invalid, Kind
from leadcrm.core.fields.money import Money, Whole
from leadcrm.core.fields.terms import YesNo
from leadcrm.core.fields.text import LongText, Text
from leadcrm.custom_fields.models import LONGEST_FOUND, Option, Type

MOST = 1_000_000_000
LONGEST_TEXT = 2_000


@dataclass(frozen=True)
class Line(Text):
    """One line of people's own words. A citizen service number in it is refused: we may not keep one."""

    def read(self, text: str) -> str:
        refuse(text)
        return super().read(text)


@dataclass(frozen=True)
class OwnChoice(Kind):
    """One of the company's choices, kept by its key. One that is gone is still shown where a lead has it."""

    all_options: tuple[Option, ...] = ()

    input_type: ClassVar[str] = "select"

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        return tuple((option.key, option.label) for option in self.all_options if not option.gone)

    def read(self, text: str) -> str:
        wanted = text.casefold()
        for option in self.all_options:
            if not option.gone and wanted in (option.key, option.label.casefold()):
                return option.key
        raise Invalid(_("This is not one of the choices. Choose one from the list."))

    def show(self, value: str | None) -> str:
        return next((option.label for option in self.all_options if option.key == value), value or "")


KINDS: Mapping[Type, Callable[[str, tuple[Option, ...]], Kind]] = {
    Type.TEXT: lambda _unit, _options: Line(LONGEST_FOUND),
    Type.LONG_TEXT: lambda _unit, _options: LongText(LONGEST_TEXT),
    Type.NUMBER: lambda unit, _options: Whole(-MOST, MOST, unit, unit),
    Type.MONEY: lambda _unit, _options: Money(nonnegative=False),
    Type.DATE: lambda _unit, _options: Date(),
    Type.CHOICE: lambda _unit, options: OwnChoice(options),
    Type.YES_NO: lambda _unit, _options: YesNo(),
}


def kind_of(type_: Type, unit: str | None, options: tuple[Option, ...]) -> Any:
    return KINDS[type_](unit or "", options)
