"""A note is found by what it says now: not by what it said before it was mended, nor at all once it is taken back."""

from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import Entry
from leadcrm.leads.services import timeline
from leadcrm.leads.services.finding import found_by
from leadcrm.searching.services.asking import search
from tests.leads.factories import a_lead
from tests.people import ANN
from tests.pipelines.conftest import As
from tests.world import Browser

ClientAs = Callable[..., Browser]


@pytest.fixture
def noted(as_: As) -> tuple[UUID, UUID]:
    """A lead and its note."""
    with as_(ANN):
        lead = a_lead()
        return lead.id, timeline.write_note(lead, "Wil naar Terschelling").id


def mend(as_: As, noted: tuple[UUID, UUID], text: str | None) -> None:
    with as_(ANN):
        lead, entry = session.get(Lead, noted[0]), session.get(Entry, noted[1])
        assert lead is not None and entry is not None
        timeline.mend(lead, entry, text)


def found(as_: As, word: str) -> bool:
    with as_(ANN):
        assert found_by(ANN.company_id, word) is not None
        return bool(search(word, 10).leads)


def test_a_note_that_is_mended_is_found_by_its_new_words_alone(
    as_: As, client_as: ClientAs, noted: tuple[UUID, UUID]
) -> None:
    assert found(as_, "terschelling")
    mend(as_, noted, "Wil naar Vlieland")
    assert found(as_, "vlieland") and not found(as_, "terschelling")
    for path in ("/search/", "/search/suggestions", "/leads/"):
        assert f"/leads/{noted[0]}" not in client_as(ANN).get(path, query_string={"q": "terschelling"}).text, path
    mend(as_, noted, "Wil naar Texel")
    assert found(as_, "texel") and not found(as_, "vlieland") and not found(as_, "terschelling")


def test_a_note_that_is_taken_back_is_not_found_until_it_is_restored(as_: As, noted: tuple[UUID, UUID]) -> None:
    mend(as_, noted, "Wil naar Vlieland")
    mend(as_, noted, None)
    assert not found(as_, "vlieland") and not found(as_, "terschelling")
    mend(as_, noted, "Wil naar Vlieland")
    assert found(as_, "vlieland") and not found(as_, "terschelling")


@pytest.mark.parametrize("said", ["Wil naar Vlieland", None], ids=["mended", "taken back"])
@pytest.mark.parametrize("first", ["the original", "what holds"])
def test_old_words_stay_away_when_the_timeline_goes_to_another_lead(
    as_: As, noted: tuple[UUID, UUID], admin_url: str, said: str | None, first: str
) -> None:
    """In whatever order its lines come by."""
    mend(as_, noted, said)
    with as_(ANN):
        other = a_lead({"birth_name": "Anders"}).id
        lines = list(session.scalars(select(Entry.id).where(Entry.lead_id == noted[0]).order_by(Entry.at)))
    with psycopg.connect(admin_url, autocommit=True) as admin:
        for line in lines if first == "the original" else reversed(lines):
            admin.execute("UPDATE leads_entry SET lead_id = %s WHERE id = %s", [other, line])
            assert not found(as_, "terschelling")
    with as_(ANN):
        there = [result.id for result in search("vlieland", 10).leads]
    assert there == ([other] if said else [])
