"""The applicants: who they are, how to reach them, and the family they have."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from leadcrm.demo.services.addresses import Address
from leadcrm.demo.services.chance import Deck, between, identity
from leadcrm.demo.services.names import Family, FirstName, LastName, first_name, in_address, initials
from leadcrm.leads.models.terms import Gender, IdDocument, MaritalStatus, PropertyRegime, ResidencePermit, Salutation

Row = dict[str, Any]

# With their share of the accounts, roughly.
BANKS = Deck({"INGB": 36, "RABO": 26, "ABNA": 19, "SNSB": 6, "ASNB": 5, "RBRB": 2, "KNAB": 2, "BUNQ": 2, "TRIO": 2})
_BANK_NUMBERS = {bank: int("".join(str(ord(letter) - 55) for letter in bank)) for bank in BANKS.cards}
MOBILE = Deck({"61": 20, "62": 20, "63": 12, "64": 18, "65": 20, "68": 10})
MAIL_HOSTS = Deck({"example.nl": 70, "example.org": 30})
MARRIED = Deck(
    {
        MaritalStatus.MARRIED: 52,
        MaritalStatus.COHABITING_CONTRACT: 28,
        MaritalStatus.COHABITING: 12,
        MaritalStatus.PARTNERSHIP: 8,
    }
)
REGIMES = Deck({PropertyRegime.COMMUNITY: 70, PropertyRegime.AGREEMENT: 30})
YOUNG_REGIMES = Deck({PropertyRegime.LIMITED_COMMUNITY: 75, PropertyRegime.AGREEMENT: 25})
CHILDREN = Deck({0: 22, 1: 22, 2: 40, 3: 13, 4: 3})
DOCUMENTS = Deck({IdDocument.PASSPORT: 45, IdDocument.ID_CARD: 45, IdDocument.DRIVING_LICENCE: 10})
PERMITS = {"TR": ResidencePermit.PERMANENT, "MA": ResidencePermit.PERMANENT, "PL": ResidencePermit.EU_CITIZEN}
SAME_SEX = 0.04
OLD_DAYS = 60 * 365  # from then on some have a landline only
GREW_UP_HERE = 0.75  # share of newcomers' families with a Dutch passport


@dataclass(slots=True)
class Somebody:
    """What the rest of the household wants to know of an applicant."""

    row: Row
    born: date
    woman: bool
    last_name: LastName


def applicants(random: Random, family: Family, couple: bool, ages: tuple[int, int], today: date) -> list[Somebody]:
    woman = random.random() < 0.42
    one = _somebody(random, family, woman, ages[0], today)
    if not couple:
        return [one]
    other_woman = woman if random.random() < SAME_SEX else not woman
    other = _somebody(random, family, other_woman, ages[1], today)
    return [one, other]


def _somebody(random: Random, family: Family, woman: bool, age: int, today: date) -> Somebody:
    born = today - timedelta(days=int(age * 365.25) + between(random, 5, 360))
    first, last = first_name(random, family, woman, born.year), family.last_names.draw(random)
    row: Row = {
        "id": identity(random),
        "salutation": Salutation.MS if woman else Salutation.MR,
        "gender": Gender.FEMALE if woman else Gender.MALE,
        "initials": initials(first.official),
        "first_names": first.official,
        "call_name": first.called,
        "infix": last.infix or None,
        "birth_name": last.name,
        "birth_date": born,
        "email": _email(random, first, last, born.year),
        "country": "NL",
    }
    if family.nationality != "SR":
        row |= _nationality(random, family)
    return Somebody(row, born, woman, last)


def _nationality(random: Random, family: Family) -> Row:
    if family.nationality == "NL" or random.random() < GREW_UP_HERE:
        return {"nationality": "NL"}
    return {"nationality": family.nationality, "residence_permit": PERMITS[family.nationality]}


def _email(random: Random, first: FirstName, last: LastName, year: int) -> str:
    called, name = in_address(first.called), in_address(str(last))
    number = random.random()
    if number < 0.5:
        called = f"{called}.{name}{year % 100:02d}"
    elif number < 0.8:
        called = f"{called[0]}.{name}{int(number * 10_000) % 1000}"
    else:
        called = f"{called}{name}{int(number * 10_000) % 100}"
    return f"{called}@{MAIL_HOSTS.draw(random)}"


def mobile(random: Random) -> Row:
    """In the notation they are used to."""
    number = f"{MOBILE.draw(random)}{between(random, 0, 9_999_999):07d}"
    notation = random.random()
    if notation < 0.6:
        raw = f"0{number}"
    elif notation < 0.9:
        raw = f"06-{number[1:]}"
    else:
        raw = f"+31 6 {number[1:5]} {number[5:]}"
    return {"phone": f"+31{number}", "phone_raw": raw}


def landline(random: Random, area_code: str) -> Row:
    """A subscriber's number never begins with 0 or 1, and is shorter where the area code is longer."""
    digits = 10 - len(area_code)
    number = f"{between(random, 2, 8)}{between(random, 0, 10 ** (digits - 1) - 1):0{digits - 1}d}"
    return {"phone": f"+31{area_code[1:]}{number}", "phone_raw": f"{area_code}-{number}"}


def iban(random: Random) -> str:
    bank = BANKS.draw(random)
    account = between(random, 100_000_000, 999_999_999)  # ten digits, the first a 0 as with nearly all accounts
    rest = (_BANK_NUMBERS[bank] * 10**10 + account) * 10**6 + 232_100  # N and L are 23 and 21
    return f"NL{98 - rest % 97:02d}{bank}{account:010d}"


def settle(random: Random, people: list[Somebody], lead: Row, address: Address, today: date) -> None:
    """They live in one house and belong to one lead."""
    home = address.columns()
    for position, each in enumerate(people, 1):
        each.row |= home
        each.row |= {"lead_id": lead["id"], "company_id": lead["company_id"], "position": position}
        each.row |= {"created_at": lead["created_at"], "updated_at": lead["created_at"]}
        at_home = (today - each.born).days > OLD_DAYS and random.random() < 0.3
        each.row |= landline(random, address.street.town.area_code) if at_home else mobile(random)


def acquaint(random: Random, people: list[Somebody], divorced: bool, today: date) -> None:
    """What an adviser asks in a first conversation: marriage and children."""
    age = (today - people[0].born).days // 365
    status = _status(random, len(people), age, divorced)
    family: Row = {"marital_status": status, **_children(random, age, len(people), today)}
    if status in (MaritalStatus.MARRIED, MaritalStatus.PARTNERSHIP):
        family["property_regime"] = (YOUNG_REGIMES if age < 36 else REGIMES).draw(random)
    for each in people:
        each.row |= family
    if status == MaritalStatus.MARRIED and age > 40 and random.random() < 0.35:
        _take_name(people)


def _status(random: Random, people: int, age: int, divorced: bool) -> MaritalStatus:
    if people == 2:
        return MARRIED.draw(random)
    if divorced or (age > 34 and random.random() < 0.4):
        return MaritalStatus.DIVORCED
    return MaritalStatus.WIDOWED if age > 62 and random.random() < 0.6 else MaritalStatus.SINGLE


def _children(random: Random, age: int, people: int, today: date) -> Row:
    if age < 27 or random.random() > (0.8 if people == 2 else 0.35):
        return {"children": 0}
    children = CHILDREN.draw(random)
    first = today.year - max(0, min(22, age - 24 - int(random.random() * 10)))
    years = [first + 2 * place + int(random.random() * 2) for place in range(children)]
    years = [year for year in years if year <= today.year]
    return {"children": len(years), "children_birth_years": ", ".join(map(str, years)) or None}


def _take_name(people: list[Somebody]) -> None:
    """A married woman who writes her husband's name before her own."""
    for each, partner in zip(people, reversed(people), strict=True):
        if each.woman and not partner.woman:
            each.row["correspondence_name"] = f"{partner.last_name}-{each.last_name}"


def identify(random: Random, people: list[Somebody], today: date) -> None:
    """What is asked once they are clients: a bank account and a document."""
    shared = iban(random)
    for each in people:
        each.row["iban"] = shared if random.random() < 0.4 else iban(random)
        each.row["id_document"] = DOCUMENTS.draw(random)
        each.row["id_expires_on"] = today + timedelta(days=between(random, 60, 3_400))
