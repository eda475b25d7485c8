"""Kinds of value that only this plugin has."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from sqlalchemy import String
from sqlalchemy.types import TypeEngine

from leadcrm.core.fields.bsn import refuse
from leadcrm.core.fields.kinds import Invalid, Kind
from leadcrm.core.fields.text import Text

MOST_CHILDREN = 15
OLDEST_CHILD = 90


@dataclass(frozen=True)
class BirthYears(Kind):
    """The birth years of the children, oldest first: `2012, 2015`. Dates would be more than is needed."""

    inputmode: ClassVar[str] = "text"

    def read(self, text: str) -> str:
        years = re.split(r"[\s,;/]+(?:en |and |& )?", text.strip(" ,;"))
        newest = date.today().year + 1  # a child on its way counts for the advice
        if len(years) > MOST_CHILDREN or not all(self._is_year(year, newest) for year in years):
            raise Invalid(_("Type birth years with commas between them, like 2012, 2015."))
        return ", ".join(sorted(years))

    def _is_year(self, text: str, newest: int) -> bool:
        return len(text) == 4 and text.isascii() and text.isdigit() and newest - OLDEST_CHILD <= int(text) <= newest

    def column_type(self) -> TypeEngine[Any]:
        return String(6 * MOST_CHILDREN)


@dataclass(frozen=True)
class Line(Text):
    """One line that people write themselves. A citizen service number in it is refused, as in every note."""

    def read(self, text: str) -> str:
        refuse(text)
        return super().read(text)
