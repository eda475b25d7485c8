"""Who looks like somebody we know: the keys of the trade, each with its reason, never across a wall."""

from datetime import date
from typing import Any

import pytest

from leadcrm.leads.services import leads
from leadcrm.leads.services.matching import Reason, duplicates
from tests.leads.conftest import As
from tests.leads.factories import ELS, JAN, a_lead
from tests.people import ANN, BOB, EVE, MEG

STRANGER: dict[str, Any] = {"call_name": "Kim", "birth_name": "Groen"}
CASES = [
    (STRANGER | {"email": JAN["email"]}, [Reason.EMAIL]),
    (STRANGER | {"phone": JAN["phone"]}, [Reason.PHONE]),
    ({"birth_name": "VRIES", "birth_date": JAN["birth_date"]}, [Reason.BIRTH]),
    ({"birth_name": "Vries", "infix": "de", "postcode": "1234 AB", "house_number": 12}, [Reason.ADDRESS]),
    ({"call_name": "Jan", "infix": "de", "birth_name": "Vries", "birth_date": date(1985, 1, 1)}, [Reason.NAME]),
    (JAN, [Reason.BIRTH, Reason.EMAIL, Reason.PHONE, Reason.ADDRESS]),
    (STRANGER | {"postcode": "1234 AB", "house_number": 12}, []),  # another family at this address
    ({"call_name": "Jan", "infix": "de", "birth_name": "Vries"}, []),  # a name alone says little
    ({"call_name": "Jan", "infix": "de", "birth_name": "Vries", "birth_date": date(1990, 1, 1)}, []),
    (STRANGER | {"birth_date": JAN["birth_date"]}, []),
    ({}, []),
]


@pytest.mark.parametrize(("person", "reasons"), CASES)
def test_reasons(as_: As, person: dict[str, Any], reasons: list[Reason]) -> None:
    with as_(ANN):
        lead = a_lead(JAN)
        found = duplicates(ANN.company_id, [person])
        assert [(match.lead_id, list(match.reasons)) for match in found] == ([(lead.id, reasons)] if reasons else [])


def test_more_reasons_make_it_surer_and_come_first(as_: As) -> None:
    with as_(ANN):
        weak = a_lead(STRANGER | {"phone": JAN["phone"]}).id
        sure = a_lead(JAN).id
        found = duplicates(ANN.company_id, [JAN])
        assert [match.lead_id for match in found] == [sure, weak]
        assert found[0].score > found[1].score
        assert found[0].score <= 99


def test_any_person_of_the_household_counts(as_: As) -> None:
    with as_(ANN):
        both = a_lead(ELS, JAN).id
        assert [match.lead_id for match in duplicates(ANN.company_id, [STRANGER, {"email": JAN["email"]}])] == [both]


def test_a_lead_is_no_duplicate_of_itself_nor_of_a_removed_one(as_: As) -> None:
    with as_(MEG):
        lead = a_lead(JAN)
        assert duplicates(MEG.company_id, [JAN], besides=lead.id) == []
        leads.delete(lead)
        assert duplicates(MEG.company_id, [JAN]) == []


@pytest.mark.parametrize(("who", "seen"), [(ANN, 1), (BOB, 0), (MEG, 1), (EVE, 0)])
def test_nobody_learns_of_a_household_that_is_not_theirs(as_: As, who: Any, seen: int) -> None:
    with as_(ANN):
        a_lead(JAN)
    with as_(who):
        assert len(duplicates(who.company_id, [JAN])) == seen
