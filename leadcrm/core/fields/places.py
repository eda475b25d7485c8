"""Addresses and countries, and the energy label of a house."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from babel import Locale
from flask_babel import lazy_gettext as _
from sqlalchemy import Integer, String
from sqlalchemy.types import TypeEngine
from stdnum.nl import postcode

from leadcrm.core.fields.kinds import HIDDEN, Invalid, Kind
from leadcrm.core.fields.language import current_language
from leadcrm.core.fields.money import Whole
from leadcrm.core.fields.terms import Terms

_POSTCODE = re.compile(r"([1-9][0-9]{3})[ -]?((?!SA|SD|SS)[A-Z]{2})")


@dataclass(frozen=True)
class Postcode(Kind):
    """A Dutch postcode, kept and shown as `1234 AB`."""

    autocomplete: str = "postal-code"

    def read(self, text: str) -> str:
        match = _POSTCODE.fullmatch(text.upper())
        if match is None or not postcode.is_valid(match[1] + match[2]):
            raise Invalid(_("This is not a Dutch postcode. Type it like 1234 AB."))
        return f"{match[1]} {match[2]}"

    def mask(self, value: str | None) -> str:
        return "" if value is None else f"{value[:2]}{HIDDEN}"

    def column_type(self) -> TypeEngine[Any]:
        return String(7)


@dataclass(frozen=True)
class HouseNumber(Whole):
    """The number alone; letters and additions have their own field."""

    minimum: int = 1
    maximum: int = 99_999

    def read(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text)):
            raise Invalid(_("A house number is a number from 1 to 99999. Put letters in the suffix."))
        return int(text)

    def show(self, value: int | None) -> str:
        return "" if value is None else str(value)

    def column_type(self) -> TypeEngine[Any]:
        return Integer()


_SUFFIX = re.compile(r"[0-9A-Za-z][0-9A-Za-z /.+-]*")


@dataclass(frozen=True)
class HouseNumberSuffix(Kind):
    """What follows the house number: `A`, `bis`, `2 hoog`."""

    def read(self, text: str) -> str:
        suffix = text.lstrip("-/ ")
        if len(suffix) > 12 or not _SUFFIX.fullmatch(suffix):
            raise Invalid(_("A suffix has at most 12 letters and digits, like A, bis or 2 hoog."))
        return suffix

    def column_type(self) -> TypeEngine[Any]:
        return String(12)


_CODE = re.compile(r"[A-Z]{2}")
_NO_COUNTRY = {"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB"}  # groups and test codes in the list of territories
_OTHER_NAMES = {
    "holland": "NL", "the netherlands": "NL", "verenigde staten van amerika": "US", "usa": "US", "vs": "US",
    "uk": "GB", "great britain": "GB", "groot-brittannië": "GB", "engeland": "GB", "england": "GB",
    "tsjechische republiek": "CZ", "czech republic": "CZ", "turkey": "TR", "bondsrepubliek duitsland": "DE",
}  # fmt: skip
_PEOPLES = {
    "NL": ("Nederlandse", "Dutch"), "BE": ("Belgische", "Belgian"), "DE": ("Duitse", "German"),
    "FR": ("Franse", "French"), "GB": ("Britse", "British"), "TR": ("Turkse", "Turkish"),
    "MA": ("Marokkaanse", "Moroccan"), "PL": ("Poolse", "Polish"), "SR": ("Surinaamse", "Surinamese"),
    "ES": ("Spaanse", "Spanish"), "IT": ("Italiaanse", "Italian"), "PT": ("Portugese", "Portuguese"),
    "RO": ("Roemeense", "Romanian"), "BG": ("Bulgaarse", "Bulgarian"), "UA": ("Oekraïense", "Ukrainian"),
    "SY": ("Syrische", "Syrian"), "IN": ("Indiase", "Indian"), "CN": ("Chinese", "Chinese"),
    "ID": ("Indonesische", "Indonesian"), "US": ("Amerikaanse", "American"), "IE": ("Ierse", "Irish"),
    "GR": ("Griekse", "Greek"), "HU": ("Hongaarse", "Hungarian"), "AT": ("Oostenrijkse", "Austrian"),
    "CH": ("Zwitserse", "Swiss"), "DK": ("Deense", "Danish"), "SE": ("Zweedse", "Swedish"),
    "NO": ("Noorse", "Norwegian"), "FI": ("Finse", "Finnish"), "RU": ("Russische", "Russian"),
    "IR": ("Iraanse", "Iranian"), "IQ": ("Iraakse", "Iraqi"), "AF": ("Afghaanse", "Afghan"),
    "ZA": ("Zuid-Afrikaanse", "South African"), "BR": ("Braziliaanse", "Brazilian"), "LT": ("Litouwse", "Lithuanian"),
}  # fmt: skip


@cache
def _countries(language: str) -> dict[str, str]:
    names = Locale(language).territories
    return {code: name for code, name in names.items() if _CODE.fullmatch(code) and code not in _NO_COUNTRY}


@cache
def _spoken_countries() -> dict[str, str]:
    words = {name.casefold(): code for language in ("nl", "en") for code, name in _countries(language).items()}
    return words | _OTHER_NAMES | {code.casefold(): code for code in _countries("en")}


@cache
def _spoken_peoples() -> dict[str, str]:
    return {
        word.lower(): code
        for code, names in _PEOPLES.items()
        for word in (*names, names[0].removesuffix("e"))
    }


@dataclass(frozen=True)
class Country(Kind):
    """A country as its two-letter code (ISO 3166), named by code or by its name in either language."""

    autocomplete: str = "country"

    input_type: ClassVar[str] = "select"

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        return _choices(self, current_language())

    def read(self, text: str) -> str:
        code = self.code_of(text.casefold())
        if code is None:
            raise Invalid(_("This country is not known. Choose one from the list."))
        return code

    def code_of(self, word: str) -> str | None:
        return _spoken_countries().get(word)

    def show(self, value: str | None) -> str:
        return "" if value is None else _countries(current_language()).get(value, value)

    def column_type(self) -> TypeEngine[Any]:
        return String(2)


@dataclass(frozen=True)
class Nationality(Country):
    """A country one is a citizen of, also named by its people: `Nederlandse`, `Dutch`."""

    autocomplete: str = "off"

    def code_of(self, word: str) -> str | None:
        return _spoken_peoples().get(word) or super().code_of(word)

    def show(self, value: str | None) -> str:
        people = _PEOPLES.get(value or "")
        return super().show(value) if people is None else people[current_language() == "en"]


@cache
def _choices(kind: Country, language: str) -> tuple[tuple[str, str], ...]:
    named = [(code, kind.show(code)) for code in _countries(language)]
    return tuple(sorted(named, key=lambda choice: (choice[0] != "NL", choice[1].casefold())))


class EnergyLabel(Terms):
    """A++++ is a house with no net energy bill, A+++ one that needs no energy (HDN 24)."""

    A4 = "A++++", "A++++", "A++++"
    A3 = "A+++", "A+++", "A+++"
    A2 = "A++", "A++", "A++"
    A1 = "A+", "A+", "A+"
    A = "A", "A", "A"
    B = "B", "B", "B"
    C = "C", "C", "C"
    D = "D", "D", "D"
    E = "E", "E", "E"
    F = "F", "F", "F"
    G = "G", "G", "G"
    NONE = "none", "Geen label", "No label"
