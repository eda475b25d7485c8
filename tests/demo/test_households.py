"""Made-up households: plausible, consistent, and the same for the same seed."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

import pytest

from leadcrm.core.db import Base
from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.kinds import Kind
from leadcrm.core.fields.people import Iban, Phone
from leadcrm.core.fields.places import Postcode
from leadcrm.demo.services import pipeline
from leadcrm.demo.services.addresses import towns
from leadcrm.demo.services.households import Household, World, households
from leadcrm.demo.services.offices import ANN_HAS_AT_MOST, divided, offices, shares
from leadcrm.demo.services.people import Row, iban, landline
from leadcrm.demo.services.writing import rows_of
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import PIPELINE, Goal, Known, Stage
from leadcrm.leads.services.rules import problems

EIGHT_O_CLOCK = datetime(2026, 11, 20, 8, 0, tzinfo=OFFICE)
WORLD = World("test", EIGHT_O_CLOCK, {2025: 450_000_00, 2026: 470_000_00})
OFFICES = offices("test")
MANY = 1_500


@pytest.fixture(scope="module")
def made() -> list[Household]:
    return list(households(WORLD, OFFICES[0], range(MANY), MANY))


def each_row(made: list[Household]) -> Iterator[tuple[type[Base], Row]]:
    for household in made:
        for model, rows in rows_of(household):
            yield from ((model, row) for row in rows)


def test_the_same_seed_makes_the_same_households(made: list[Household]) -> None:
    again = list(households(WORLD, offices("test")[0], range(MANY), MANY))
    assert again == made
    other = next(households(World("other", EIGHT_O_CLOCK, {}), OFFICES[0], range(1), MANY))
    assert other != made[0]


def test_every_value_is_one_that_people_could_type(made: list[Household]) -> None:
    for model, row in each_row(made):
        facts = facts_of(model)
        for name, value in row.items():
            kind: Kind | None = facts[name].kind
            if kind is not None and value is not None:
                assert kind.parse(kind.edit(value)) == value, (model, name, value)


def test_every_row_keeps_the_rules_between_fields(made: list[Household]) -> None:
    wrong = [
        (model.__name__, name, str(text), row) for model, row in each_row(made) for name, text in problems(model, row)
    ]
    assert wrong == []


def test_every_row_names_its_company_lead_and_self(made: list[Household]) -> None:
    ids = Counter(row["id"] for _model, row in each_row(made))
    assert max(ids.values()) == 1
    for household in made:
        for model, rows in rows_of(household):
            for row in rows:
                assert row["company_id"] == OFFICES[0].id
                assert model is Lead or row["lead_id"] == household.lead["id"]


def test_loan_parts_add_up_to_the_amount(made: list[Household]) -> None:
    for household in made:
        assert 1 <= len(household.loan_parts) <= 3
        assert sum(part["amount"] for part in household.loan_parts) == household.wish["mortgage_amount"]
        assert all(part["amount"] > 0 for part in household.loan_parts)


def test_partners_share_an_address_and_about_half_are_couples(made: list[Household]) -> None:
    couples = [household.persons for household in made if len(household.persons) == 2]
    assert 0.5 < len(couples) / len(made) < 0.65
    for one, other in couples:
        assert all(one[name] == other[name] for name in ("street", "postcode", "house_number", "city"))


def test_nhg_is_only_asked_below_the_limit(made: list[Household]) -> None:
    for household in made:
        limit = WORLD.nhg_limits[household.lead["created_at"].year]
        if household.wish["nhg_wanted"] == Known.YES:
            assert household.property["market_value"] <= limit
            assert household.wish["mortgage_amount"] <= limit


def test_who_remortgages_has_a_mortgage(made: list[Household]) -> None:
    for household in made:
        if household.lead["goal"] in (Goal.REMORTGAGE, Goal.FURTHER_ADVANCE):
            assert household.existing


def test_initials_fit_the_first_names(made: list[Household]) -> None:
    for household in made:
        for person in household.persons:
            names = person["first_names"].replace("-", " ").split()
            assert person["initials"] == "".join(f"{name[0]}." for name in names)


def test_mail_goes_nowhere(made: list[Household]) -> None:
    hosts = {person["email"].partition("@")[2] for household in made for person in household.persons}
    assert hosts == {"example.nl", "example.org"}


def test_the_office_looks_lived_in_at_eight(made: list[Household]) -> None:
    leads = [household.lead for household in made]
    stages = Counter(lead["stage"] for lead in leads)
    assert set(stages) == set(Stage)
    today = EIGHT_O_CLOCK.date()
    assert sum(lead["created_at"].date() == today for lead in leads) >= pipeline.FEWEST_FRESH
    due = Counter((lead["next_action_at"].date() - today).days for lead in leads if "next_action_at" in lead)
    assert due[0] > 10
    assert sum(many for days, many in due.items() if days < 0) > 10
    assert sum(many for days, many in due.items() if days > 0) > 10
    open_leads = [lead for lead in leads if lead["stage"] in PIPELINE]
    assert all("next_action_at" in lead for lead in open_leads)


def test_ann_finds_something_new_and_what_is_nobodys_is_untouched(made: list[Household]) -> None:
    leads = [household.lead for household in made]
    ann = OFFICES[0].agents[0].id
    today = EIGHT_O_CLOCK.date()
    assert sum(lead["owner_id"] == ann and lead["created_at"].date() == today for lead in leads) >= 2
    unowned = [lead for lead in leads if lead["owner_id"] is None]
    assert unowned
    assert {lead["stage"] for lead in unowned} == {Stage.NEW}


def test_nothing_happens_before_it_came_in_or_after_now(made: list[Household]) -> None:
    oldest = EIGHT_O_CLOCK - timedelta(days=pipeline.HISTORY_DAYS + 2)
    for _model, row in each_row(made):
        assert oldest < row["created_at"] <= row["updated_at"] <= EIGHT_O_CLOCK
        for name in ("stage_since", "last_contact_at", "given_at", "withdrawn_at"):
            if row.get(name) is not None:
                assert row["created_at"] <= row[name] <= EIGHT_O_CLOCK, name


def test_later_numbers_never_come_in_earlier() -> None:
    for total in (1, 5, 40, 900):
        days = [pipeline.day_of(number, total, EIGHT_O_CLOCK.date()) for number in range(total)]
        assert days == sorted(days)


@pytest.mark.parametrize("total", [5, 600, 300_000])
def test_ann_has_as_many_as_one_person_can(total: int) -> None:
    deck = shares(OFFICES[0], total)
    ann = deck.cards.count(OFFICES[0].agents[0]) / deck.size
    assert ann * total <= ANN_HAS_AT_MOST * 1.05
    assert len(set(deck.cards)) == len(OFFICES[0].agents)


@pytest.mark.parametrize("leads", [0, 1, 10, 2_000, 1_000_000])
def test_offices_share_all_leads(leads: int) -> None:
    assert sum(divided(leads)) == leads
    if leads == 1_000_000:
        assert divided(leads)[0] == 300_000


def test_account_and_telephone_numbers_are_valid_whatever_is_drawn() -> None:
    random = Random(1)
    areas = {town.area_code for town in towns().cards}
    for _time in range(300):
        assert Iban().parse(iban(random))
        for area in areas:
            assert Phone().parse(landline(random, area)["phone"])


def test_every_postcode_of_every_street_is_valid() -> None:
    for town in set(towns().cards):
        for street in town.streets.cards:
            assert Postcode().parse(street.postcode) == street.postcode
