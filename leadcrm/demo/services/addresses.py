"""Streets in Dutch towns, each with a postcode of its own; made once a process."""

from functools import cache
from random import Random
from typing import NamedTuple

from leadcrm.demo.services.chance import Deck, between
from leadcrm.demo.services.towns import STREETS, TOWNS

STREETS_PER_THOUSAND = 1.2  # inhabitants
LETTERS = "ABCDEGHJKLMNPRSTVWXZ"
NEVER = {"SA", "SD", "SS"}
SUFFIXES = Deck({"": 84, "A": 6, "B": 3, "C": 1, "bis": 1, "2": 2, "3": 1, "I": 1, "hs": 1})


class Street(NamedTuple):
    name: str
    postcode: str
    town: "Town"


class Town(NamedTuple):
    name: str
    area_code: str
    price: int  # of a middling home, in euros
    streets: Deck["Street"]


@cache
def towns() -> Deck[Town]:
    """Large towns come up more often."""
    random = Random("streets of the Netherlands")  # noqa: S311  # nothing secret: the same streets on every machine
    names = [name.strip() for name in STREETS.replace("\n", " ").split(",")]
    return Deck(dict(_town(random, names, *line.rsplit(maxsplit=5)) for line in TOWNS.strip().splitlines()))


def _town(
    random: Random, names: list[str], name: str, first: str, last: str, area: str, thousands: str, price: str
) -> tuple[Town, float]:
    streets: Deck[Street] = Deck([])
    town = Town(name, area, int(price) * 1000, streets)
    streets.cards += _streets(random, names, town, int(first), int(last), int(int(thousands) * STREETS_PER_THOUSAND))
    streets.size = len(streets.cards)
    return town, float(thousands)


def _streets(random: Random, names: list[str], town: Town, first: int, last: int, many: int) -> list[Street]:
    chosen = random.sample(names, min(many, len(names)))
    return [Street(name, f"{between(random, first, last)} {_letters(random)}", town) for name in chosen]


def _letters(random: Random) -> str:
    while (pair := random.choice(LETTERS) + random.choice(LETTERS)) in NEVER:
        pass
    return pair


class Address(NamedTuple):
    street: Street
    number: int
    suffix: str

    def columns(self) -> dict[str, str | int | None]:
        """As persons and properties have them."""
        return {
            "street": self.street.name,
            "postcode": self.street.postcode,
            "city": self.street.town.name,
            "house_number": self.number,
            "house_suffix": self.suffix or None,
        }


def address_in(random: Random, town: Town) -> Address:
    number = int(1 + 240 * random.random() ** 1.7)  # low numbers are commoner: streets end
    return Address(town.streets.draw(random), number, SUFFIXES.draw(random))
