"""Names that belong together: given in the years when somebody was born, in a family where they are given."""

import unicodedata
from functools import cache
from random import Random
from typing import NamedTuple

from leadcrm.demo.services import first_names as first
from leadcrm.demo.services import last_names as last
from leadcrm.demo.services.chance import Deck

PERIODS = (1965, 1985)  # their first years; before and after them other names are in fashion
COMMONEST = 6.0  # how much likelier the first last name of a list is than the last one
_FOLDED = str.maketrans({"ı": "i", "ł": "l", "Ł": "L", "ø": "o", " ": None, "'": None, "-": None, ".": None})


class FirstName(NamedTuple):
    official: str
    called: str


class LastName(NamedTuple):
    infix: str
    name: str

    def __str__(self) -> str:
        return f"{self.infix} {self.name}" if self.infix else self.name


class Family(NamedTuple):
    """Where its names come from."""

    nationality: str
    men: tuple[Deck[FirstName], ...]  # by period
    women: tuple[Deck[FirstName], ...]
    last_names: Deck[LastName]
    second_men: Deck[str] | None = None
    second_women: Deck[str] | None = None


def _first(text: str) -> Deck[FirstName]:
    pairs = (word.partition("/") for word in text.split())
    return Deck([FirstName(official, called or official) for official, _slash, called in pairs])


def _last(text: str) -> Deck[LastName]:
    names = [_split(" ".join(name.split())) for name in text.split(",") if name.strip()]
    step = (COMMONEST - 1) / len(names)
    return Deck({name: COMMONEST - step * rank for rank, name in enumerate(names)})


def _split(full: str) -> LastName:
    words = full.split()
    start = next(place for place, word in enumerate(words) if word[0].isupper())
    return LastName(" ".join(words[:start]), " ".join(words[start:]))


def _newcomers(nationality: str, men: str, women: str, names: str) -> Family:
    return Family(nationality, (_first(men),), (_first(women),), _last(names))


@cache
def families() -> Deck[Family]:
    dutch = Family(
        "NL",
        tuple(map(_first, (first.MEN_THEN, first.MEN_NOW, first.MEN_YOUNG))),
        tuple(map(_first, (first.WOMEN_THEN, first.WOMEN_NOW, first.WOMEN_YOUNG))),
        _last(last.DUTCH),
        Deck(first.SECOND_MEN.split()),
        Deck(first.SECOND_WOMEN.split()),
    )
    return Deck(
        {
            dutch: 860,
            _newcomers("TR", first.TURKISH_MEN, first.TURKISH_WOMEN, last.TURKISH): 42,
            _newcomers("MA", first.MOROCCAN_MEN, first.MOROCCAN_WOMEN, last.MOROCCAN): 38,
            _newcomers("PL", first.POLISH_MEN, first.POLISH_WOMEN, last.POLISH): 25,
            _newcomers("SR", first.SURINAMESE_MEN, first.SURINAMESE_WOMEN, last.SURINAMESE): 35,
        }
    )


def first_name(random: Random, family: Family, woman: bool, born: int) -> FirstName:
    """With a second or third name for who was baptised with one."""
    periods = family.women if woman else family.men
    name = periods[min(len(periods) - 1, sum(born >= year for year in PERIODS))].draw(random)
    seconds = family.second_women if woman else family.second_men
    if seconds is None or random.random() < 0.45:
        return name
    more = [seconds.draw(random)] if born >= PERIODS[1] or random.random() < 0.6 else _two(seconds, random)
    return FirstName(" ".join([name.official, *(each for each in more if each not in name.official)]), name.called)


def _two(names: Deck[str], random: Random) -> list[str]:
    return list(dict.fromkeys((names.draw(random), names.draw(random))))


@cache
def initials(official: str) -> str:
    return "".join(f"{name[0]}." for name in official.replace("-", " ").split())


@cache
def in_address(name: str) -> str:
    """As the name stands in an e-mail address: small letters without marks."""
    plain = unicodedata.normalize("NFKD", name.translate(_FOLDED))
    return plain.encode("ascii", "ignore").decode().lower()
