"""What the applicants earn, owe and own. Amounts here are whole euros; rows hold cents."""

from datetime import date, timedelta
from random import Random
from typing import Any

from leadcrm.demo.services.chance import Deck, between
from leadcrm.demo.services.people import Row, Somebody
from leadcrm.demo.services.plans import Plan
from leadcrm.leads.models.terms import (
    EMPLOYED,
    AgencyPhase,
    AssetKind,
    Employment,
    IncomeMethod,
    Known,
    ObligationKind,
    StudentScheme,
)

PENSION_AGE = 67
WORK = Deck(
    {
        Employment.PERMANENT: 62,
        Employment.TEMPORARY_INTENT: 11,
        Employment.TEMPORARY: 4,
        Employment.FLEXIBLE_PROSPECT: 1.5,
        Employment.FLEXIBLE: 2.5,
        Employment.SOLE_TRADER: 11,
        Employment.PARTNER_IN_FIRM: 2,
        Employment.OWN_COMPANY: 4,
        Employment.BENEFIT: 2,
    }
)
METHODS: dict[Employment, Deck[IncomeMethod]] = {
    Employment.PERMANENT: Deck({IncomeMethod.IBL: 55, IncomeMethod.EMPLOYER_STATEMENT: 45}),
    Employment.TEMPORARY_INTENT: Deck([IncomeMethod.EMPLOYER_STATEMENT]),
    Employment.TEMPORARY: Deck([IncomeMethod.IBL, IncomeMethod.LABOUR_MARKET_SCAN]),
    Employment.FLEXIBLE_PROSPECT: Deck([IncomeMethod.PROSPECT_STATEMENT]),
    Employment.FLEXIBLE: Deck([IncomeMethod.IBL]),
}
PHASES = Deck({AgencyPhase.A: 5, AgencyPhase.B: 4, AgencyPhase.C: 1})
TRADES = """
Installatietechniek Bouw Transport Schilderwerken Accountants Advocaten Metaal Techniek Automatisering Logistiek
Tuinen Interieurs Kinderopvang Makelaardij Verzekeringen Uitgeverij Bakkerijen Groothandel Elektra Software
"""
FIRMS = Deck(TRADES.split())
PUBLIC = Deck(
    {
        "Gemeente {town}": 5,
        "Ziekenhuis {town}": 4,
        "Thuiszorg {town} en omstreken": 4,
        "Scholengroep {town}": 5,
        "Waterschap": 1,
        "Politie": 2,
        "Veiligheidsregio": 1,
        "Provincie": 1,
        "Bibliotheek {town}": 1,
        "Woningstichting {town}": 1,
    }
)
LENDERS = Deck({"Kredietbank": 3, "Postorderkrediet": 1, "Autolease Nederland": 3, "Bank": 6, "Familie": 1})
HOUSEHOLD_WORK = 0.62  # the larger earner's share in a couple


def incomes(random: Random, plan: Plan, people: list[Somebody], base: Row, today: date, known: bool) -> list[Row]:
    """`known`: the advice has begun, so the papers are there and not only what was said."""
    main = int(plan.income * (HOUSEHOLD_WORK + 0.2 * (random.random() - 0.5))) if len(people) == 2 else plan.income
    shares = [main, plan.income - main][: len(people)]
    if random.random() < 0.4:
        shares.reverse()
    rows = []
    for each, share in zip(people, shares, strict=True):
        row = {**base, "person_id": each.row["id"], **_income(random, plan, each, max(9_000, share), today, known)}
        rows.append(row)
    return rows


def _income(random: Random, plan: Plan, who: Somebody, year: int, today: date, known: bool) -> Row:
    age = (today - who.born).days // 365
    if age >= PENSION_AGE:
        return {
            "employment": Employment.PENSION,
            "gross_year": _tens(year),
            "started_on": _in_years(who.born, PENSION_AGE),
        }
    work = WORK.draw(random)
    row: Row = {"employment": work, "started_on": _started(random, age, today)}
    if work in EMPLOYED:
        row |= _employed(random, plan, who, work, year, known, today)
    elif work.is_self_employed:
        row |= _self_employed(random, who, year, today, known)
    else:
        row["gross_year"] = _tens(min(year, 32_000))
    return row


def _employed(random: Random, plan: Plan, who: Somebody, work: Employment, year: int, known: bool, today: date) -> Row:
    row: Row = {"gross_year": _tens(year), "employer": _employer(random, plan)}
    if work in (Employment.TEMPORARY, Employment.TEMPORARY_INTENT):
        row["ends_on"] = today + timedelta(days=between(random, 60, 330))
    if work == Employment.FLEXIBLE:
        row["agency_phase"] = PHASES.draw(random)
    if known:
        row |= {"method": METHODS[work].draw(random), "holiday_pct": 800}
        if random.random() < 0.3:
            row["thirteenth_month"] = _tens(year // 12)
        if random.random() < 0.12:
            row["overtime"] = _tens(int(year * 0.05 * random.random()) + 300)
        if random.random() < 0.08:
            row["bonus"] = _tens(int(year * 0.1 * random.random()) + 1_000)
    return row


def _self_employed(random: Random, who: Somebody, year: int, today: date, known: bool) -> Row:
    row: Row = {
        "gross_year": _tens(year),
        "employer": f"{who.row['birth_name']} {FIRMS.draw(random)}",
        "kvk": f"{between(random, 10_000_000, 97_000_000)}",
    }
    if known:
        row |= {"method": IncomeMethod.ENTREPRENEUR_STATEMENT, "profit_year": today.year - 1}
        for name, growth in (("profit_y1", 1.08), ("profit_y2", 1.0), ("profit_y3", 0.92)):
            row[name] = _tens(int(year * growth * (0.9 + 0.2 * random.random())))
    return row


def _employer(random: Random, plan: Plan) -> str:
    if random.random() < 0.4:
        return PUBLIC.draw(random).format(town=plan.town.name)
    return f"{plan.family.last_names.draw(random).name} {FIRMS.draw(random)} B.V."


def _started(random: Random, age: int, today: date) -> date:
    return today - timedelta(days=int(max(90, (age - 19) * 365 * random.random() ** 1.6)))


def _in_years(born: date, years: int) -> date:
    return date(born.year + years, born.month, 1)


def _tens(euros: int) -> int:
    """Cents, rounded to ten euros as people say it."""
    return euros // 10 * 1_000


def obligations(random: Random, people: list[Somebody], base: Row, today: date) -> list[Row]:
    rows = []
    for each in people:
        age = (today - each.born).days // 365
        if age < 43 and random.random() < 0.32:
            rows.append(_student_loan(random, age, each, today))
        if random.random() < 0.1:
            rows.append(_lease(random, each, today))
        if random.random() < 0.09:
            rows.append(_credit(random, each, today))
    if random.random() < 0.1:
        rows.append(
            {"kind": ObligationKind.CARD, "credit_limit": between(random, 2, 10) * 500_00, "bkr_known": Known.YES}
        )
    return [base | row for row in rows]


def _student_loan(random: Random, age: int, who: Somebody, today: date) -> Row:
    principal = between(random, 6, 42) * 1_000
    new = age < 31
    balance = int(principal * (0.75 + 0.25 * random.random())) if new else int(principal * random.random())
    monthly = max(5, balance // (400 if new else 120))
    return {
        "person_id": who.row["id"],
        "kind": ObligationKind.STUDENT_LOAN,
        "creditor": "DUO",
        "principal": principal * 100,
        "balance": balance * 100,
        "monthly": monthly * 100,
        "rate": 257 if new else 230,
        "student_scheme": StudentScheme.NEW if new else StudentScheme.OLD,
        "started_on": _in_years(who.born, 24),
        "bkr_known": Known.NO,
    }


def _lease(random: Random, who: Somebody, today: date) -> Row:
    monthly = between(random, 45, 110) * 5
    return {
        "person_id": who.row["id"],
        "kind": ObligationKind.LEASE,
        "creditor": "Autolease Nederland",
        "monthly": monthly * 100,
        "principal": monthly * 60 * 65,
        "started_on": today - timedelta(days=between(random, 30, 1_000)),
        "ends_on": today + timedelta(days=between(random, 200, 1_400)),
        "bkr_known": Known.YES,
    }


def _credit(random: Random, who: Somebody, today: date) -> Row:
    principal = between(random, 5, 60) * 500
    return {
        "person_id": who.row["id"],
        "kind": ObligationKind.CREDIT,
        "creditor": LENDERS.draw(random),
        "principal": principal * 100,
        "balance": int(principal * random.random()) * 100,
        "monthly": max(50, principal // 50) * 100,
        "rate": between(random, 59, 119) * 10,
        "ends_on": today + timedelta(days=between(random, 100, 1_800)),
        "bkr_known": Known.YES,
    }


def assets(random: Random, plan: Plan, people: list[Somebody], base: Row) -> list[Row]:
    rows: list[dict[str, Any]] = [
        {"kind": AssetKind.SAVINGS, "amount": between(random, 3, 90) * 500_00, "for_purchase": plan.buys}
    ]
    if random.random() < 0.15:
        rows.append({"kind": AssetKind.INVESTMENTS, "amount": between(random, 2, 80) * 1_000_00, "for_purchase": False})
    if plan.starter and random.random() < 0.28:
        gift = {"kind": AssetKind.GIFT, "description": "Schenking van ouders", "for_purchase": True}
        rows.append(gift | {"amount": between(random, 5, 32) * 1_000_00, "person_id": people[0].row["id"]})
    if plan.buys and not plan.starter:
        equity = int(plan.value * (0.1 + 0.35 * random.random())) // 1_000 * 1_000_00
        rows.append({"kind": AssetKind.EQUITY, "description": "Huidige woning", "amount": equity, "for_purchase": True})
    return [base | row for row in rows]
