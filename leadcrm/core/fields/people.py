"""What belongs to people and firms: e-mail, telephone, bank account, trade register."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _
from sqlalchemy import String
from sqlalchemy.types import TypeEngine
from stdnum import iban
from stdnum.exceptions import ValidationError

from leadcrm.core.fields.kinds import HIDDEN, Invalid, Kind

# Ordinary addresses need not go through the full grammar; a test proves that both ways agree.
_PLAIN_EMAIL = re.compile(
    r"(?=.{6,120}\Z)(?=[^@]{1,64}@)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?\.)+"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)\Z)[a-z]{2,24}"
)
_DOUBLE_HYPHEN = re.compile(r"[@.]..--")  # the mark of an encoded international name: the full grammar decides


@dataclass(frozen=True)
class Email(Kind):
    """An e-mail address, in lower case. Whether it exists is not asked of anyone."""

    autocomplete: str = "email"

    input_type: ClassVar[str] = "email"
    inputmode: ClassVar[str] = "email"

    def read(self, text: str) -> str:
        low = text.lower().removeprefix("mailto:")
        if _PLAIN_EMAIL.fullmatch(low) and not _DOUBLE_HYPHEN.search(low):
            return low
        return _full_email(low)

    def mask(self, value: str | None) -> str:
        return "" if value is None else f"{HIDDEN}@{value.rpartition('@')[2]}"

    def column_type(self) -> TypeEngine[Any]:
        return String(254)


def _full_email(text: str) -> str:
    wrong = Invalid(_("This is not an e-mail address. Type it like name@example.nl."))
    if len(text) > 254:
        raise wrong
    try:
        address = validate_email(text, check_deliverability=False, strict=True).normalized.lower()
        return validate_email(address, check_deliverability=False, strict=True).normalized
    except (EmailNotValidError, UnicodeError):
        raise wrong from None


_NL: Any = phonenumbers.PhoneMetadata.metadata_for_region("NL")
_DUTCH_NUMBER = re.compile(
    "|".join(f"(?:{kind.national_number_pattern})" for kind in (_NL.fixed_line, _NL.mobile, _NL.voip))
)
_DUTCH_PREFIX = re.compile(r"(?:(?:\+|00)31(?:\(0\))?|0)([1-9][0-9]{8})")
_PUNCTUATION = str.maketrans("", "", " -./")
_DUTCH_LAYOUTS = [  # expand() of a match would read the layout anew each time: half of the time of a long list
    (
        re.compile(layout.leading_digits_pattern[0]),
        re.compile(layout.pattern),
        re.sub(r"\\\d", "%s", layout.format),  # their groups stand in order
    )
    for layout in _NL.number_format
    if layout.national_prefix_formatting_rule
]


@dataclass(frozen=True)
class Phone(Kind):
    """A telephone number as E.164; without a country it is Dutch. Shown nationally when it is Dutch."""

    autocomplete: str = "tel"

    input_type: ClassVar[str] = "tel"
    inputmode: ClassVar[str] = "tel"

    def read(self, text: str) -> str:
        match = _DUTCH_PREFIX.fullmatch(text.translate(_PUNCTUATION))
        if match and _DUTCH_NUMBER.fullmatch(match[1]):
            return f"+31{match[1]}"
        return _full_phone(text)

    def show(self, value: str | None) -> str:
        return "" if value is None else _spaced(value)

    def edit(self, value: str | None) -> str:
        return self.show(value)

    def mask(self, value: str | None) -> str:
        return "" if value is None else f"{HIDDEN} {value[-2:]}"

    def column_type(self) -> TypeEngine[Any]:
        return String(16)


def _full_phone(text: str) -> str:
    wrong = Invalid(_("This is not a telephone number. Type it like 06 12345678 or +32 470 12 34 56."))
    if len(text) > 60:
        raise wrong
    try:
        number = phonenumbers.parse(text, "NL")
    except phonenumbers.NumberParseException:
        raise wrong from None
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise wrong
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _spaced(value: str) -> str:
    """`06 12345678`, `020 123 4567`, `+32 470 12 34 56`."""
    if value.startswith("+31") and len(value) == 12 and value.isascii():
        national = value[3:]
        for leading, pattern, layout in _DUTCH_LAYOUTS:
            if leading.match(national) and (match := pattern.fullmatch(national)):
                return "0" + layout % match.groups()
    return _spaced_abroad(value)


@lru_cache(maxsize=4096)
def _spaced_abroad(value: str) -> str:
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        return value
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


_DUTCH_IBAN = re.compile(r"NL([0-9]{2})([A-Z]{4})([0-9]{10})")
_LETTERS = {letter: str(number) for number, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 10)}


@dataclass(frozen=True)
class Iban(Kind):
    """A bank account number: capitals, no spaces, right length, check digits right."""

    def read(self, text: str) -> str:
        account = text.upper().replace(" ", "").replace(".", "").replace("-", "").removeprefix("IBAN").lstrip(":")
        if match := _DUTCH_IBAN.fullmatch(account):
            bank = "".join(map(_LETTERS.__getitem__, match[2]))
            if int(f"{bank}{match[3]}2321{match[1]}") % 97 == 1:
                return account
        elif _is_foreign_account(account):
            return account
        raise Invalid(_("This is not a valid IBAN. Compare it with the bank card, for example NL91 ABNA 0417 1643 00."))

    def show(self, value: str | None) -> str:
        return "" if value is None else " ".join(value[start : start + 4] for start in range(0, len(value), 4))

    def edit(self, value: str | None) -> str:
        return self.show(value)

    def mask(self, value: str | None) -> str:
        return "" if value is None else f"{HIDDEN} {value[-4:]}"

    def column_type(self) -> TypeEngine[Any]:
        return String(34)


def _is_foreign_account(account: str) -> bool:
    if not (account.isascii() and account.isalnum() and 15 <= len(account) <= 34 and not account.startswith("NL")):
        return False
    try:
        return bool(iban.validate(account, check_country=False) == account)  # its lists of banks are older than banks
    except ValidationError:
        return False


@dataclass(frozen=True)
class Kvk(Kind):
    """The number of a firm in the Dutch trade register: eight digits, no check digit known."""

    inputmode: ClassVar[str] = "numeric"

    def read(self, text: str) -> str:
        digits = text.replace(" ", "").replace(".", "")
        if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
            raise Invalid(_("A KvK number has eight digits. Look it up in the trade register."))
        return digits

    def column_type(self) -> TypeEngine[Any]:
        return String(8)
