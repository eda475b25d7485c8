"""What a household is about before anything is written down: its goal, its people's ages, its home and its amounts.

The parts that follow read the plan, so that they agree with each other.
"""

from dataclasses import dataclass
from random import Random

from leadcrm.demo.services.addresses import Address, Town, address_in, towns
from leadcrm.demo.services.chance import Deck, between
from leadcrm.demo.services.names import Family, families
from leadcrm.leads.models.terms import Dwelling, Goal

GOALS = Deck(
    {
        Goal.PURCHASE_EXISTING: 46,
        Goal.PURCHASE_NEW: 8,
        Goal.REMORTGAGE: 20,
        Goal.FURTHER_ADVANCE: 12,
        Goal.SUSTAINABILITY: 5,
        Goal.BUY_OUT: 4,
        Goal.SECOND_HOME: 2,
        Goal.OTHER: 3,
    }
)
PURCHASES = frozenset({Goal.PURCHASE_EXISTING, Goal.PURCHASE_NEW})
FIRST_HOME = 0.5  # share of the purchases
# Ages of the applicant, from and until; and the share of couples.
PEOPLE: dict[Goal, tuple[int, int, float]] = {
    Goal.PURCHASE_EXISTING: (30, 62, 0.68),
    Goal.PURCHASE_NEW: (30, 60, 0.72),
    Goal.REMORTGAGE: (32, 66, 0.62),
    Goal.FURTHER_ADVANCE: (31, 62, 0.68),
    Goal.SUSTAINABILITY: (35, 74, 0.66),
    Goal.BUY_OUT: (31, 58, 0.0),
    Goal.SECOND_HOME: (42, 66, 0.75),
    Goal.OTHER: (45, 79, 0.5),
}
STARTER_AGES = (22, 38, 0.46)
# The mortgage as a share of the home's value, from and until.
SHARES: dict[Goal, tuple[float, float]] = {
    Goal.PURCHASE_EXISTING: (0.5, 0.92),
    Goal.PURCHASE_NEW: (0.5, 0.95),
    Goal.REMORTGAGE: (0.35, 0.75),
    Goal.FURTHER_ADVANCE: (0.05, 0.25),
    Goal.SUSTAINABILITY: (0.02, 0.09),
    Goal.BUY_OUT: (0.4, 0.8),
    Goal.SECOND_HOME: (0.4, 0.7),
    Goal.OTHER: (0.1, 0.4),
}
STARTER_SHARE = (0.86, 1.0)
DWELLINGS = Deck(
    {
        Dwelling.APARTMENT: 27,
        Dwelling.TERRACED: 39,
        Dwelling.END_OF_TERRACE: 12,
        Dwelling.SEMI_DETACHED: 12,
        Dwelling.DETACHED: 9,
        Dwelling.HOUSEBOAT: 0.3,
        Dwelling.MIXED_USE: 0.7,
    }
)
WORTH = {
    Dwelling.APARTMENT: 0.78,
    Dwelling.TERRACED: 0.94,
    Dwelling.END_OF_TERRACE: 1.02,
    Dwelling.SEMI_DETACHED: 1.25,
    Dwelling.DETACHED: 1.62,
}
MOVES_AWAY = 0.25  # to another town


@dataclass(slots=True)
class Plan:
    """Amounts in whole euros."""

    goal: Goal
    starter: bool
    couple: bool
    ages: tuple[int, int]
    family: Family
    town: Town
    address: Address  # where they live now
    home: Address  # what the mortgage is for; the same address unless they buy
    dwelling: Dwelling
    value: int
    amount: int
    income: int  # of the household, gross a year

    @property
    def buys(self) -> bool:
        return self.home is not self.address


def plan(random: Random) -> Plan:
    goal = GOALS.draw(random)
    starter = goal in PURCHASES and random.random() < FIRST_HOME
    youngest, oldest, couples = STARTER_AGES if starter else PEOPLE[goal]
    age = between(random, youngest, oldest)
    couple = random.random() < couples
    town = towns().draw(random)
    address = address_in(random, town)
    home = _home(random, goal, town, address)
    dwelling = DWELLINGS.draw(random)
    value = _value(random, home.street.town.price, dwelling, starter)
    amount = _amount(random, value, STARTER_SHARE if starter else SHARES[goal])
    income = _income(random, goal, value, amount)
    ages = (age, max(20, age + between(random, -5, 4)))
    return Plan(
        goal, starter, couple, ages, families().draw(random), town, address, home, dwelling, value, amount, income
    )


def _home(random: Random, goal: Goal, town: Town, address: Address) -> Address:
    if goal not in PURCHASES and goal != Goal.SECOND_HOME:
        return address
    return address_in(random, towns().draw(random) if random.random() < MOVES_AWAY else town)


def _value(random: Random, price: int, dwelling: Dwelling, starter: bool) -> int:
    middling = price * WORTH.get(dwelling, 1.0) * (0.9 if starter else 1.08)
    spread = 0.7 + 0.2 * (random.random() + random.random() + random.random())
    step = 1_000 if random.random() < 0.4 else 5_000
    return max(140_000, round(middling * spread / step) * step)


def _amount(random: Random, value: int, share: tuple[float, float]) -> int:
    exact = value * (share[0] + (share[1] - share[0]) * random.random())
    step = 500 if random.random() < 0.3 else 2_500 if random.random() < 0.5 else 5_000
    return max(7_500, int(exact // step) * step)


def _income(random: Random, goal: Goal, value: int, amount: int) -> int:
    """Enough for the mortgage they ask, or for the one they have."""
    debt = amount if goal in PURCHASES or goal in (Goal.REMORTGAGE, Goal.BUY_OUT) else int(value * 0.55)
    return max(27_000, int(debt / (3.2 + 1.5 * random.random())))
