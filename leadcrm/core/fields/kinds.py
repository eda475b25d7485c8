"""A kind of value: how it is read, shown, typed again, stored and masked. Start of the domain types."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import String
from sqlalchemy.types import TypeEngine

LONGEST_LINE = 10_000
HIDDEN = "••••"

# Soft hyphens, zero-width spaces, direction marks and byte order marks come along with copied text and make equal
# values differ. The zero-width joiners stay: names in several scripts need them.
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
)
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Invalid(ValueError):
    """What was typed cannot be taken; the message says what is wrong and what to do, in the reader's language."""

    def __init__(self, message: LazyString | str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


def tidy(raw: str) -> str:
    """One line of typed text: outer and doubled spaces and invisible marks gone, letters composed."""
    if len(raw) > LONGEST_LINE:
        raise too_long(LONGEST_LINE)
    if raw.isascii() and raw.isprintable():
        return raw.strip() if "  " not in raw else " ".join(raw.split())
    text = " ".join(raw.translate(_INVISIBLE).split())
    return composed(text)


def tidy_lines(raw: str, longest: int) -> str:
    """Text of several lines: line ends as `\\n`, nothing before the first or after the last word."""
    if len(raw) > 2 * longest + LONGEST_LINE:
        raise too_long(longest)
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = text.translate(_INVISIBLE)
    return composed(text.strip())


def composed(text: str) -> str:
    if _UNSTORABLE.search(text):
        raise Invalid(_("This contains characters that cannot be stored. Type it again instead of pasting it."))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def too_long(longest: int) -> Invalid:
    return Invalid(_("This is too long. Use at most %(count)s characters.", count=longest))


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Base of all kinds.

    `parse(edit(value)) == value` and `load(dump(value)) == value` hold for every value that `parse` has given.
    `show`, `edit` and `mask` answer an empty text for None.
    """

    autocomplete: str = "off"

    python_type: ClassVar[type[Any]] = str
    input_type: ClassVar[str] = "text"  # text, email, tel, url, textarea, select or yesno
    inputmode: ClassVar[str] = "text"

    @property
    def unit(self) -> str:
        """What stands inside the input, such as € or %."""
        return ""

    @property
    def max_length(self) -> int | None:
        return None

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """Value and label of all choices, in the current language; empty when anything can be typed."""
        return ()

    def parse(self, raw: str) -> Any:
        """The value of what was typed; None when nothing was."""
        text = tidy(raw)
        return self.read(text) if text else None

    def read(self, text: str) -> Any:
        """The value of tidy text that is not empty; raises Invalid."""
        return text

    def show(self, value: Any) -> str:
        return "" if value is None else self.dump(value)

    def edit(self, value: Any) -> str:
        return "" if value is None else self.dump(value)

    def dump(self, value: Any) -> str:
        """Canonical text, the same for equal values: for sealing, export and audit."""
        return str(value)

    def load(self, text: str) -> Any:
        return text

    def mask(self, value: Any) -> str:
        """Nothing of the value, or so little that only who knows it already can recognise it."""
        return "" if value is None else HIDDEN

    def warns(self, value: Any) -> LazyString | None:
        """A remark about a value that is allowed but unusual."""
        return None

    def column_type(self) -> TypeEngine[Any]:
        return String()
