"""The home, the mortgage that is wished for with its loan parts, and the one that runs now."""

from datetime import date, timedelta
from random import Random
from typing import Any

from leadcrm.core.fields.places import EnergyLabel
from leadcrm.demo.services.chance import Deck, between
from leadcrm.demo.services.people import Row
from leadcrm.demo.services.plans import Plan
from leadcrm.leads.models.terms import Box, BuildType, Dwelling, Goal, Known, Repayment

COSTS = 0.045  # of a purchase: transfer tax, notary, advice
LENDERS = Deck(
    {
        "ING": 16,
        "Rabobank": 16,
        "ABN AMRO": 14,
        "Nationale-Nederlanden": 9,
        "ASN Bank": 6,
        "Obvion": 6,
        "Florius": 5,
        "a.s.r.": 6,
        "Munt Hypotheken": 5,
        "Venn Hypotheken": 3,
        "Allianz": 3,
        "Lloyds Bank": 3,
        "BLG Wonen": 4,
        "Centraal Beheer": 3,
        "Triodos Bank": 1,
    }
)
# By year of construction, the last one first.
LABELS: list[tuple[int, Deck[EnergyLabel]]] = [
    (2021, Deck({EnergyLabel.A4: 1, EnergyLabel.A3: 4, EnergyLabel.A2: 3, EnergyLabel.A1: 1})),
    (2005, Deck({EnergyLabel.A: 8, EnergyLabel.A1: 2, EnergyLabel.B: 1})),
    (1992, Deck({EnergyLabel.A: 3, EnergyLabel.B: 5, EnergyLabel.C: 2})),
    (1975, Deck({EnergyLabel.B: 2, EnergyLabel.C: 6, EnergyLabel.D: 2, EnergyLabel.A: 1})),
    (1945, Deck({EnergyLabel.C: 3, EnergyLabel.D: 3, EnergyLabel.E: 3, EnergyLabel.F: 2, EnergyLabel.A: 1})),
    (1800, Deck({EnergyLabel.D: 2, EnergyLabel.E: 3, EnergyLabel.F: 3, EnergyLabel.G: 4, EnergyLabel.C: 1})),
]
YEARS = Deck({1905: 8, 1930: 14, 1955: 14, 1968: 18, 1978: 18, 1988: 12, 1997: 10, 2006: 6, 2014: 4})
FIXED = Deck({60: 8, 120: 40, 180: 6, 240: 38, 360: 8})
RATES = {60: 345, 120: 365, 180: 385, 240: 400, 360: 415}  # basis points, before the spread
RUNS_NOW = frozenset({Goal.REMORTGAGE, Goal.FURTHER_ADVANCE, Goal.SUSTAINABILITY, Goal.BUY_OUT})
IMPROVES = frozenset({Goal.FURTHER_ADVANCE, Goal.SUSTAINABILITY})
OLD_PARTS = Deck({Repayment.ANNUITY: 55, Repayment.INTEREST_ONLY: 28, Repayment.LINEAR: 8, Repayment.BANK_SAVINGS: 9})


def property_of(random: Random, plan: Plan, base: Row, known: bool, today: date) -> Row:
    row: Row = {**base, **plan.home.columns(), "dwelling": plan.dwelling, "market_value": plan.value * 100}
    if plan.goal == Goal.PURCHASE_NEW:
        return row | _new_build(random, plan, today)
    row |= {"build_type": BuildType.EXISTING, "woz_value": int(plan.value * 0.92) // 1_000 * 1_000_00}
    if plan.buys:
        row["purchase_price"] = _price(random, plan) * 100
    if known:
        row |= _looked_up(random, plan)
    if plan.goal in IMPROVES:
        row |= _improved(plan, row)
    return row


def _new_build(random: Random, plan: Plan, today: date) -> Row:
    land = plan.value * 2 // 5
    return {
        "build_type": BuildType.NEW,
        "build_year": today.year + between(random, 0, 2),
        "purchase_price": land * 100,
        "build_sum": (plan.value - land) * 100,
        "extra_work": between(random, 0, 14) * 2_500_00 or None,
        "energy_label": LABELS[0][1].draw(random),
        "house_suffix": None,
    }


def _price(random: Random, plan: Plan) -> int:
    """Near the value; many pay more than a surveyor thinks."""
    return int(plan.value * (0.97 + 0.06 * random.random())) // 500 * 500


def _looked_up(random: Random, plan: Plan) -> Row:
    year = YEARS.draw(random) + between(random, -9, 9)
    label = next(labels for since, labels in LABELS if year >= since).draw(random)
    row: Row = {"build_year": year, "energy_label": label}
    if plan.town.name in ("Amsterdam", "Den Haag", "Rotterdam", "Utrecht") and plan.dwelling == Dwelling.APARTMENT:
        leasehold = random.random() < 0.5
        row |= {"leasehold": leasehold, "canon": between(random, 4, 40) * 50_00 if leasehold else None}
    return row


def _improved(plan: Plan, row: Row) -> Row:
    if plan.goal == Goal.FURTHER_ADVANCE:
        return {"renovation": plan.amount * 100}
    better = {"ebv_amount": plan.amount * 100}
    return better | ({"future_energy_label": EnergyLabel.A} if row.get("energy_label", "A") > "A" else {})


def wish(random: Random, plan: Plan, base: Row, nhg_limit: int | None, asked: bool) -> Row:
    """`nhg_limit` in cents: of the year in which they ask; `asked`: the adviser has been through it with them."""
    row: Row = {**base, "mortgage_amount": plan.amount * 100, "nhg_wanted": _nhg(random, plan, nhg_limit)}
    if plan.buys:
        row["own_funds"] = max(0, int(plan.value * (1 + COSTS)) - plan.amount) // 500 * 500_00
        if not plan.starter and random.random() < 0.22:
            row["bridging"] = between(random, 20, 90) * 2_500_00
    if asked:
        row |= {"life_cover": random.random() < 0.8, "disability_cover": random.random() < 0.35}
        row["funeral_cover"] = random.random() < 0.5
    return row


def _nhg(random: Random, plan: Plan, limit: int | None) -> Known:
    if limit is None:
        return Known.UNKNOWN
    if plan.goal == Goal.SECOND_HOME or max(plan.value, plan.amount) * 100 > limit:
        return Known.NO
    return Known.YES if random.random() < 0.85 else Known.UNKNOWN


def loan_parts(random: Random, plan: Plan, base: Row) -> list[Row]:
    """One to three, in thousands but for the last, which makes the sum right."""
    amounts = _divided(random, plan.amount)
    fixed = FIXED.draw(random)
    rows = []
    for number, amount in enumerate(amounts, 1):
        rows.append(
            base
            | {
                "number": number,
                "amount": amount * 100,
                "repayment": _repayment(random, plan, number),
                "rate": RATES[fixed] + between(random, -20, 35) + 5 * number,
                "fixed_months": fixed,
                "term_months": 360 if plan.buys or random.random() < 0.5 else between(random, 12, 29) * 12,
                "box": Box.THREE if plan.goal == Goal.SECOND_HOME else Box.ONE,
            }
        )
        if number == 1 and len(amounts) > 1:
            fixed = FIXED.draw(random)
    return rows


def _divided(random: Random, amount: int) -> list[int]:
    chance = random.random()
    if chance < 0.55 or amount < 40_000:
        return [amount]
    first = int(amount * (0.4 + 0.25 * random.random())) // 1_000 * 1_000
    if chance < 0.88:
        return [first, amount - first]
    second = (amount - first) // 2_000 * 1_000
    return [first, second, amount - first - second]


def _repayment(random: Random, plan: Plan, number: int) -> Repayment:
    if plan.starter or (plan.buys and number == 1):
        return Repayment.LINEAR if random.random() < 0.08 else Repayment.ANNUITY
    return Repayment.INTEREST_ONLY if number > 1 or random.random() < 0.3 else Repayment.ANNUITY


def existing(random: Random, plan: Plan, base: Row, today: date) -> list[Row]:
    """What runs now: one mortgage, or two when the home was improved before."""
    if plan.goal not in RUNS_NOW and (plan.starter or not plan.buys or random.random() < 0.5):
        return []
    rows = [_running(random, plan, base, plan.amount if plan.goal == Goal.REMORTGAGE else plan.value // 2, today)]
    if random.random() < 0.18:
        rows.append(_running(random, plan, base, plan.value // 12, today))
    return rows


def _running(random: Random, plan: Plan, base: Row, balance: int, today: date) -> Row:
    ends = today + timedelta(days=between(random, 120, 300) * 30)
    row: dict[str, Any] = {
        "lender": LENDERS.draw(random),
        "current_balance": max(5_000, int(balance * (0.8 + 0.2 * random.random()))) * 100,
        "rate": between(random, 110, 540),
        "rate_end": min(ends, today + timedelta(days=between(random, 1, 150) * 30)).replace(day=1),
        "end_date": ends.replace(day=1),
        "repayment": OLD_PARTS.draw(random),
        "nhg": Known.YES if plan.value < 360_000 and random.random() < 0.6 else Known.NO,
    }
    return base | row
