"""Hints against cases worked out by hand."""

from datetime import date
from typing import Any

import pytest

from leadcrm.leads.models.norms import NormKey
from leadcrm.leads.models.terms import Employment
from leadcrm.leads.services import norms, ratios
from leadcrm.leads.services.norms import NormValue
from tests.leads.conftest import As
from tests.people import ADA, ANN


def norm(key: NormKey, value: int) -> dict[NormKey, NormValue]:
    return {key: NormValue(key, value, date(2026, 1, 1), None, "met de hand", "by hand")}


@pytest.mark.parametrize(
    ("amount", "value", "expected"),
    [
        (360_000_00, 410_000_00, 8780),  # 87.8049 %
        (410_000_00, 410_000_00, 10000),
        (434_600_00, 410_000_00, 10600),  # exactly 106 %
        (434_600_50, 410_000_00, 10600),  # 106.00012 %
        (100_00, 300_00, 3333),
        (200_00, 300_00, 6667),  # half and more goes up
        (1, 1_000_000_000_00, 0),
    ],
)
def test_ltv(amount: int, value: int, expected: int) -> None:
    assert ratios.ltv(amount, value, None, {}).value == expected


def test_ltv_is_held_against_the_norm_of_its_day() -> None:
    limit = norm(NormKey.LTV_MOST, 10000) | norm(NormKey.LTV_MOST_EBV, 10600)
    assert ratios.ltv(400_000_00, 400_000_00, None, limit).within is True
    assert ratios.ltv(400_100_00, 400_000_00, None, limit).within is False
    assert ratios.ltv(420_000_00, 400_000_00, 20_000_00, limit).within is True  # room for energy saving
    assert ratios.ltv(400_000_00, 400_000_00, None, {}).within is None


@pytest.mark.parametrize(
    ("amount", "value", "missing"),
    [(None, 1_00, ("mortgage_amount",)), (1_00, None, ("market_value",)), (1_00, 0, ("market_value",)),
     (None, None, ("mortgage_amount", "market_value"))],
)  # fmt: skip
def test_ltv_says_what_is_missing(amount: Any, value: Any, missing: tuple[str, ...]) -> None:
    hint = ratios.ltv(amount, value, None, {})
    assert (hint.value, hint.missing) == (None, missing)


def income(employment: Employment, **amounts: int | None) -> dict[str, Any]:
    return {"employment": employment} | amounts


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        (income(Employment.PERMANENT, gross_year=50_000_00), 50_000_00),
        (income(Employment.PERMANENT, gross_year=50_000_00, holiday_pct=800), 54_000_00),
        (income(Employment.PERMANENT, gross_year=50_000_00, holiday_pct=800, thirteenth_month=4_000_00, bonus=1_000_00,
                overtime=500_00), 59_500_00),
        (income(Employment.PERMANENT, gross_year=33_333_33, holiday_pct=800), 36_000_00),  # 2666.6664 -> 2666.67
        (income(Employment.PERMANENT), None),
        (income(Employment.NONE), 0),
        (income(Employment.PENSION, gross_year=21_000_00), 21_000_00),
        (income(Employment.SOLE_TRADER, profit_y1=60_000_00, profit_y2=50_000_00, profit_y3=40_000_00), 50_000_00),
        (income(Employment.SOLE_TRADER, profit_y1=10_00, profit_y2=10_00, profit_y3=0), 6_67),
        (income(Employment.OWN_COMPANY, profit_y1=-90_000_00, profit_y2=10_000_00, profit_y3=20_000_00), 0),
        (income(Employment.PARTNER_IN_FIRM, profit_y1=60_000_00, profit_y2=50_000_00), None),
    ],
)  # fmt: skip
def test_assessable_income(given: dict[str, Any], counts: int | None) -> None:
    assert ratios.assessable(given) == counts


def test_lti() -> None:
    incomes = [
        income(Employment.PERMANENT, gross_year=50_000_00, holiday_pct=800),
        income(Employment.SOLE_TRADER, profit_y1=30_000_00, profit_y2=27_000_00, profit_y3=24_000_00),
    ]
    hint = ratios.lti(360_000_00, incomes)
    assert (hint.value, hint.inputs["assessable_income"]) == (444, 81_000_00)  # 360 / 81 = 4.4444
    assert hint.within is None  # there is no legal LTI limit


@pytest.mark.parametrize(
    "incomes", [[], [income(Employment.PERMANENT)], [income(Employment.NONE)],
                [income(Employment.PENSION, gross_year=1_00), income(Employment.PERMANENT)]],
)  # fmt: skip
def test_lti_without_all_incomes_is_unknown(incomes: list[dict[str, Any]]) -> None:
    hint = ratios.lti(360_000_00, incomes)
    assert (hint.value, hint.missing) == (None, ("assessable_income",))


@pytest.mark.parametrize(
    ("price", "market", "ebv", "within"),
    [
        (470_000_00, 500_000_00, None, True),  # the lowest of both counts
        (500_000_00, 470_000_00, None, True),
        (470_000_01, 500_000_00, None, False),
        (None, 460_000_00, None, True),
        (498_200_00, 600_000_00, 28_200_00, True),
        (498_200_01, 600_000_00, 28_200_00, False),
    ],
)
def test_nhg(price: Any, market: Any, ebv: Any, within: bool) -> None:
    limits = norm(NormKey.NHG_LIMIT, 470_000_00) | norm(NormKey.NHG_LIMIT_EBV, 498_200_00)
    assert ratios.nhg(price, market, ebv, limits).within is within


def test_nhg_needs_a_price_or_a_value() -> None:
    assert ratios.nhg(None, None, None, {}).missing == ("purchase_price", "market_value")


SEEDED = [  # day, limit, limit with energy saving
    (date(2020, 6, 1), 310_000_00, 328_600_00),
    (date(2021, 6, 1), None, None),
    (date(2023, 12, 31), 405_000_00, 429_300_00),
    (date(2024, 1, 1), None, None),
    (date(2025, 12, 31), 450_000_00, None),
    (date(2026, 1, 1), 470_000_00, 498_200_00),
    (date(2027, 1, 1), None, None),
]


@pytest.mark.parametrize(("day", "limit", "limit_ebv"), SEEDED, ids=[str(case[0]) for case in SEEDED])
def test_a_lead_is_judged_by_the_rules_of_its_own_day(as_: As, day: date, limit: Any, limit_ebv: Any) -> None:
    with as_(ANN):
        held = norms.norms_on(day)
    assert getattr(held.get(NormKey.NHG_LIMIT), "value", None) == limit
    assert getattr(held.get(NormKey.NHG_LIMIT_EBV), "value", None) == limit_ebv
    assert held[NormKey.LTV_MOST].value == 100_00
    assert held[NormKey.LTV_MOST_EBV].value == 106_00
    assert all(value.source for value in held.values())


def test_norms_are_everybodys(as_: As) -> None:
    norms.published.cache_clear()
    with as_(ADA):
        assert norms.norms_on(date(2026, 11, 21))
