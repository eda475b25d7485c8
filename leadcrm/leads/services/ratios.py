"""Hints: LTV, LTI and the NHG limit, each with the inputs it used and what is missing.

Indicative only. A maximum mortgage is advice and is not computed: the law uses a table of financing burdens, no LTI.
Pure functions over plain values; money in cents, LTV in basis points, LTI in hundredths.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadcrm.leads.models.norms import NormKey
from leadcrm.leads.models.terms import SELF_EMPLOYED, Employment
from leadcrm.leads.services.norms import NormValue

Values = Mapping[str, Any]
Norms = Mapping[NormKey, NormValue]


@dataclass(frozen=True)
class Hint:
    """A figure, what it is held against, and why. `missing` names the fields without which there is no figure."""

    value: int | None
    inputs: Mapping[str, int]
    missing: tuple[str, ...] = ()
    norm: NormValue | None = None

    @property
    def within(self) -> bool | None:
        """None when there is no figure or no norm for the day."""
        return None if self.value is None or self.norm is None else self.value <= self.norm.value


def rounded(numerator: int, denominator: int) -> int:
    """Half up, in whole numbers: no binary fractions near a limit."""
    return (2 * numerator + denominator) // (2 * denominator)


def ltv(amount: int | None, value: int | None, ebv: int | None, norms: Norms) -> Hint:
    """Mortgage amount over the value of the home; with energy-saving measures there is more room."""
    inputs = _given(mortgage_amount=amount, property_value=value, ebv_amount=ebv or None)
    missing = _missing(mortgage_amount=amount, market_value=value)
    norm = norms.get(NormKey.LTV_MOST_EBV if ebv else NormKey.LTV_MOST)
    if missing:
        return Hint(None, inputs, missing, norm)
    return Hint(rounded((amount or 0) * 10_000, value or 1), inputs, (), norm)


def lti(amount: int | None, incomes: Sequence[Values]) -> Hint:
    """Mortgage amount over assessable gross income. No norm: the law does not know a limit of this kind."""
    income = household_income(incomes)
    inputs = _given(mortgage_amount=amount, assessable_income=income)
    missing = _missing(mortgage_amount=amount, assessable_income=income or None)
    if missing:
        return Hint(None, inputs, missing)
    return Hint(rounded((amount or 0) * 100, income or 1), inputs)


def household_income(incomes: Sequence[Values]) -> int | None:
    """What all incomes count for together; None while any of them is not filled in."""
    counted = [assessable(income) for income in incomes]
    return None if not counted or None in counted else sum(amount or 0 for amount in counted)


def assessable(income: Values) -> int | None:
    """What one income counts for a year. The self-employed: the average profit of three years, never below zero."""
    employment = income["employment"]
    if employment == Employment.NONE:
        return 0
    if employment in SELF_EMPLOYED:
        return average_profit(income)
    gross: int | None = income.get("gross_year")
    if gross is None:
        return None
    holiday = rounded(gross * (income.get("holiday_pct") or 0), 10_000)
    return gross + holiday + sum(income.get(name) or 0 for name in ("thirteenth_month", "bonus", "overtime"))


def average_profit(income: Values) -> int | None:
    profits = [income.get(name) for name in ("profit_y1", "profit_y2", "profit_y3")]
    return None if None in profits else max(0, rounded(sum(profit or 0 for profit in profits), 3))


def nhg(price: int | None, market_value: int | None, ebv: int | None, norms: Norms) -> Hint:
    """The lowest of price and market value, held against the limit of the NHG in the year of the lead."""
    known = [amount for amount in (price, market_value) if amount]
    inputs = _given(purchase_price=price, market_value=market_value, ebv_amount=ebv or None)
    norm = norms.get(NormKey.NHG_LIMIT_EBV if ebv else NormKey.NHG_LIMIT)
    if not known:
        return Hint(None, inputs, ("purchase_price", "market_value"), norm)
    return Hint(min(known), inputs, (), norm)


def _given(**values: int | None) -> dict[str, int]:
    return {name: value for name, value in values.items() if value is not None}


def _missing(**values: int | None) -> tuple[str, ...]:
    return tuple(name for name, value in values.items() if not value)
