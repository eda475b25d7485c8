"""Names, and finding people the way their names and numbers are typed."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from leadcrm.core.db import session
from leadcrm.leads.queries.finding import found
from leadcrm.leads.queries.lists import Filters, counted
from leadcrm.leads.services import leads
from leadcrm.leads.services.finding import found_by, search_query
from leadcrm.leads.services.names import household_name, normalised, sort_name
from tests.leads.conftest import As
from tests.leads.factories import a_lead
from tests.people import ANN, EVE, MEG

JAN: dict[str, Any] = {"call_name": "Jan", "infix": "de", "birth_name": "Vries"}
NAMES = [
    ([JAN], "Jan de Vries", "vries jan"),
    ([JAN, {"call_name": "Els", "birth_name": "Bakker"}], "Jan de Vries & Els Bakker", "vries jan"),
    ([JAN, {"call_name": "Els", "infix": "de", "birth_name": "Vries"}], "Jan & Els de Vries", "vries jan"),
    ([JAN | {"correspondence_name": "De Vries-Smit"}], "Jan De Vries-Smit", "vries jan"),
    ([{"initials": "J.P.", "birth_name": "Öztürk"}], "J.P. Öztürk", "ozturk j.p."),
    ([{"first_names": "Maria Johanna", "birth_name": "Bos"}], "Maria Bos", "bos maria"),
    ([{"birth_name": "Bos"}, {}], "Bos", "bos"),
    ([{"email": "jan@voorbeeld.nl"}], "jan@voorbeeld.nl", None),
    ([{"phone": "+31612345678"}], "+31612345678", None),
    ([{}], "", None),
    ([], "", None),
]


@pytest.mark.parametrize(("persons", "shown", "key"), NAMES)
def test_what_a_household_is_called(persons: Any, shown: str, key: str | None) -> None:
    assert (household_name(persons), sort_name(persons)) == (shown, key)


def test_a_very_long_name_fits_its_column() -> None:
    long = {"call_name": "J" * 60, "birth_name": "V" * 120, "infix": "x" * 20}
    assert len(household_name([long, long | {"birth_name": "W" * 120}])) == 255
    assert len(sort_name([long]) or "") == 120


@given(st.text())
def test_normalised_text_stays_so(raw: str) -> None:
    assert normalised(normalised(raw)) == normalised(normalised(normalised(raw)))


FOUND_BY = [
    "vries", "Vries", "VRIES", "jan", "jan vries", "de vries", "vri", "müller", "muller", "mull", "smit", "jansen-smit",
    "jansen", "jansensmi", "jp", "J.P.", "jan.mueller@voorbeeld.nl", "jan.mueller@voo", "mueller", "voorbeeld.nl",
    "0612345678", "06-12345678", "06 12 34 56 78", "+31612345678", "+31 (0)6 1234 5678", "0031612345678", "061234",
    "1234 AB", "1234ab", "1234 AB 12", "1234ab12", "utrecht", "'s-gravenhage", "gravenhage", "REF-77", "ref77",
]  # fmt: skip
NOT_FOUND_BY = [
    "visser", "ries", "vr", "jan visser", "0612345679", "1234 AC", "1234ab13", "de'); DROP TABLE leads_lead; --",
    "vries & visser", "!vries jansen2", "a:*",
]  # fmt: skip


@pytest.fixture
def household(as_: As) -> None:
    one = JAN | {
        "birth_name": "Vries", "correspondence_name": "Müller", "initials": "J.P.", "email": "jan.mueller@voorbeeld.nl",
        "phone": "+31612345678", "postcode": "1234 AB", "house_number": 12, "city": "Utrecht",
    }  # fmt: skip
    with as_(ANN):
        a_lead(one, {"birth_name": "Jansen-Smit", "city": "'s-Gravenhage"}, external_reference="REF-77")


def how_many(typed: str) -> int:
    query = found_by(ANN.company_id, typed)
    return session.scalar(select(func.count()).select_from(counted(Filters(q=query)).subquery())) or 0 if query else 0


def test_found_however_it_is_typed(as_: As, household: None) -> None:
    with as_(ANN):
        assert {typed: how_many(typed) for typed in FOUND_BY} == dict.fromkeys(FOUND_BY, 1)


def test_not_found_by_something_else(as_: As, household: None) -> None:
    with as_(ANN):
        assert {typed: how_many(typed) for typed in NOT_FOUND_BY} == dict.fromkeys(NOT_FOUND_BY, 0)


def test_the_reference_finds_it(as_: As) -> None:
    with as_(ANN):
        reference = a_lead().reference
        session.flush()
        assert how_many(reference) == how_many(reference.lower()) == how_many(reference.replace("-", "")) == 1


def test_a_removed_lead_is_not_found(as_: As) -> None:
    with as_(MEG):
        lead = a_lead()
        leads.delete(lead)
        session.flush()
        assert how_many("vries") == 0


def test_words_of_another_company_are_other_words(as_: As, household: None) -> None:
    with as_(EVE):
        assert how_many("vries") == 0
    assert search_query(ANN.company_id, "vries") != search_query(EVE.company_id, "vries")


@pytest.mark.parametrize("typed", ["", "   ", "!!!", "\x00", "-", "'", "\\"])
def test_nothing_to_search_for(typed: str) -> None:
    assert search_query(uuid4(), typed) is None


TYPED = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def test_whatever_is_typed_is_a_query(as_: As) -> None:
    with as_(ANN):

        @given(TYPED)
        def ask(typed: str) -> None:
            query = search_query(ANN.company_id, typed)
            if query is not None:
                session.execute(text("SELECT CAST(:query AS tsquery)"), {"query": query})
                session.execute(found(found_by(ANN.company_id, typed, ranked=True) or "", 5))

        ask()
