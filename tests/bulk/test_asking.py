"""From a selection to a batch: at once when it is small, confirmed with its number when it is not, never too much."""

import re
from collections.abc import Callable
from html import unescape
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select

from leadcrm.bulk.models import Batch, Chunk, Item, Result, State
from leadcrm.core.audit import AuditLine
from leadcrm.core.db import session
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from leadcrm.pipelines.services.layout import layout_of
from tests.bulk.conftest import As, Leads, Work
from tests.leads.factories import a_lead
from tests.people import ADA, ANN, BOB, EVE, HOME, MEG
from tests.people import Person as Someone
from tests.world import Browser

ClientAs = Callable[[Someone], Browser]
BACK = "/leads/?stage=assigned"


def text_of(response: object) -> str:
    return unescape(response.get_data(as_text=True))  # type: ignore[attr-defined]


def chosen(ids: list[UUID], action: str, **more: object) -> dict[str, object]:
    return {"id": [str(ident) for ident in ids], "action": action, "back": BACK} | more


def the_batch(as_: As, person: Someone = MEG) -> tuple[UUID, State]:
    with as_(person):
        ident, state = session.execute(select(Batch.id, Batch.state)).one()
        return ident, state


def test_whom_to_assign_to_is_asked_when_nobody_was_chosen(client_as: ClientAs, some_leads: Leads) -> None:
    """As the bar sends it where there is no script to fetch the names, or before they are there."""
    page = client_as(MEG).send("/leads/many/ask/proved", chosen(some_leads(ANN, 2), "assign", owner=""))
    assert page.status_code == 200
    assert all(f'<option value="{each.id}">{each.name}</option>' in text_of(page) for each in (ANN, BOB, MEG))


def test_assigning_from_the_list_and_undoing_it(as_: As, client_as: ClientAs, some_leads: Leads) -> None:
    ids, meg = some_leads(ANN, 2), client_as(MEG)
    done = meg.send("/leads/many/ask/proved", chosen(ids, "assign", owner=str(BOB.id)))
    assert (done.status_code, done.location) == (303, BACK)
    page = text_of(meg.get(BACK))
    assert "2 leads toegewezen aan Bob Smit." in page
    undo = re.search(r'action="(/leads/many/[0-9a-f-]+/undo/proved)"', page)
    assert undo is not None
    assert client_as(BOB).get(f"/leads/{ids[0]}").status_code == 200
    assert meg.send(undo[1]).status_code == 303
    assert client_as(BOB).get(f"/leads/{ids[0]}").status_code == 404
    assert client_as(ANN).get(f"/leads/{ids[0]}").status_code == 200
    with as_(MEG):
        about = select(AuditLine.action, AuditLine.body).where(AuditLine.row_id == ids[0]).order_by(AuditLine.seq)
        lines = session.execute(about).all()
    assert [line.action for line in lines] == ["created", "changed", "changed"]
    assert str(BOB.id) in lines[1].body


@pytest.mark.asvs("V2.3.3")
def test_one_foreign_lead_refuses_the_whole_selection(as_: As, client_as: ClientAs, some_leads: Leads) -> None:
    mine, theirs = some_leads(ANN, 1), some_leads(EVE, 1)
    for door, action in (("/proved", "assign"), ("", "delete"), ("", "stage")):
        sent = chosen(mine + theirs, action, owner=str(BOB.id), stage="contact_sought", said="2")
        assert client_as(MEG).send(f"/leads/many/ask{door}", sent).status_code == 404
        assert client_as(MEG).send(f"/leads/many/begin{door}", sent).status_code == 404
    with as_(MEG):
        assert session.scalars(select(Batch)).all() == []
        assert session.scalars(select(Lead.owner_id)).all() == [ANN.id]


@pytest.mark.parametrize("owner", [str(EVE.id), str(ADA.id), "x", "5c7f8a44-0f0b-4d5e-9d7e-6f7c3b1a2d91"])
def test_nobody_from_elsewhere_gets_a_lead(as_: As, client_as: ClientAs, some_leads: Leads, owner: str) -> None:
    sent = chosen(some_leads(ANN, 1), "assign", owner=owner, said="1")
    for path in ("ask", "begin"):
        answer = client_as(MEG).send(f"/leads/many/{path}/proved", sent)
        assert answer.status_code == 422 and "Kies iemand uit de lijst." in text_of(answer)
    with as_(MEG):
        assert session.scalars(select(Lead.owner_id)).all() == [ANN.id]


def test_who_is_disabled_gets_no_lead(client_as: ClientAs, some_leads: Leads, admin_url: str) -> None:
    meg, ids = client_as(MEG), some_leads(ANN, 1)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE auth_user SET active = false WHERE id = %s", [BOB.id])
        try:
            assert meg.send("/leads/many/ask/proved", chosen(ids, "assign", owner=str(BOB.id))).status_code == 422
        finally:
            admin.execute("UPDATE auth_user SET active = true WHERE id = %s", [BOB.id])


def test_what_may_not_be_done_to_one_may_not_be_done_to_many(client_as: ClientAs, some_leads: Leads) -> None:
    """Agents neither assign nor remove."""
    ids, ann = some_leads(ANN, 1), client_as(ANN)
    for action in ("assign", "delete"):
        for path in ("ask", "begin", "ask/proved", "begin/proved"):
            sent = chosen(ids, action, owner=str(BOB.id), said="1")
            assert ann.send(f"/leads/many/{path}", sent).status_code == 403, (action, path)
    assert "Toewijzen" not in text_of(ann.get("/leads/"))
    assert "Fase wijzigen" in text_of(ann.get("/leads/"))


def test_an_action_that_asks_for_the_second_factor_has_one_door(client_as: ClientAs, some_leads: Leads) -> None:
    sent = chosen(some_leads(ANN, 1), "assign", owner=str(BOB.id), said="1")
    for path in ("ask", "begin"):
        answer = client_as(MEG).send(f"/leads/many/{path}", sent)
        assert (answer.status_code, answer.location) == (307, f"/leads/many/{path}/proved")


@pytest.mark.parametrize(
    "back",
    ["https://elsewhere.example/", "//elsewhere.example", "/auth/account", "/leads/../x", "/leads/?a\r\nX: y"],
)
def test_the_way_back_is_never_another_page(client_as: ClientAs, some_leads: Leads, back: str) -> None:
    sent = chosen(some_leads(ANN, 1), "delete") | {"back": back}
    assert client_as(MEG).send("/leads/many/ask", sent).location == "/leads/"


def test_a_stage_asks_what_one_lead_would_be_asked(as_: As, client_as: ClientAs, some_leads: Leads) -> None:
    ids, ann = some_leads(ANN, 2), client_as(ANN)
    first = ann.send("/leads/many/ask", chosen(ids, "stage"))
    assert first.status_code == 200 and "Fase wijzigen: 2 leads" in text_of(first)
    with as_(ANN):
        step = str(layout_of(ANN.company_id).standard.by_stage[Stage.NOT_INTERESTED].id)
    refused = ann.send("/leads/many/begin", chosen(ids, "stage", stage=step, said="2"))
    assert refused.status_code == 422 and f'value="{step}" selected' in text_of(refused)
    numbered = chosen(ids, "stage", stage="not_interested", stage_reason="BSN 111222333", said="2")
    assert ann.send("/leads/many/begin", numbered).status_code == 422
    sent = chosen(ids, "stage", stage="not_interested", stage_reason="Neemt nooit op", said="2")
    assert ann.send("/leads/many/begin", sent).status_code == 303
    with as_(ANN):
        assert set(session.scalars(select(Lead.stage))) == {Stage.NOT_INTERESTED}


def test_everything_that_the_list_shows(as_: As, client_as: ClientAs, some_leads: Leads, work: Work) -> None:
    some_leads(ANN, 3)
    some_leads(BOB, 2)
    meg = client_as(MEG)
    sent = {"action": "delete", "everything": "yes", "back": f"/leads/?owner={ANN.id}"}
    page = text_of(meg.send("/leads/many/ask", sent))
    assert "Verwijderen: 3 leads" in page and "alles wat uw lijst toont" in page
    began = meg.send("/leads/many/begin", sent | {"said": "3"})
    assert the_batch(as_)[1] == State.WAITING
    assert "hx-trigger=\"every 1s\"" in text_of(meg.get(began.location))
    work()
    page = text_of(meg.get(began.location))
    assert "Gedaan, voor elke lead." in page and "3 leads" in page
    with as_(MEG):
        assert set(session.scalars(select(Lead.owner_id).where(Lead.deleted_at.is_(None)))) == {BOB.id}
    assert "Verwijderen bij veel leads is klaar" in text_of(meg.get("/notifications/"))


def test_more_than_was_confirmed_is_asked_again(as_: As, client_as: ClientAs, some_leads: Leads) -> None:
    some_leads(ANN, 3)
    sent = {"action": "delete", "everything": "yes", "back": "/leads/?", "said": "2"}
    answer = client_as(MEG).send("/leads/many/begin", sent)
    assert answer.status_code == 422 and 'name="said" value="3"' in text_of(answer)
    with as_(MEG):
        assert session.scalars(select(Batch)).all() == []


def test_the_job_takes_nothing_that_came_after_the_confirmation(
    as_: As, client_as: ClientAs, some_leads: Leads, work: Work
) -> None:
    some_leads(ANN, 1)
    sent = {"action": "delete", "everything": "yes", "back": "/leads/?", "said": "1"}
    client_as(MEG).send("/leads/many/begin", sent)
    later = some_leads(ANN, 1)
    work()
    with as_(MEG):
        assert session.scalars(select(Lead.id).where(Lead.deleted_at.is_(None))).all() == later


def test_an_agents_everything_is_hers(as_: As, client_as: ClientAs, some_leads: Leads, work: Work) -> None:
    """The list is read again inside the job, as who asked; never wider."""
    mine, theirs = some_leads(ANN, 2), some_leads(BOB, 2)
    sent = {"action": "stage", "stage": "contact_sought", "everything": "yes", "back": "/leads/?", "said": "4"}
    client_as(ANN).send("/leads/many/begin", sent)
    work()
    with as_(MEG):
        stages = dict(session.execute(select(Lead.id, Lead.stage)).all())  # type: ignore[arg-type]  # pairs
    assert {stages[ident] for ident in mine} == {Stage.CONTACT_SOUGHT}
    assert {stages[ident] for ident in theirs} == {Stage.ASSIGNED}


def test_a_batch_is_seen_by_its_maker_and_the_managers(as_: As, client_as: ClientAs, some_leads: Leads) -> None:
    client_as(ANN).send("/leads/many/begin", chosen(some_leads(ANN, 1), "stage", stage="contact_sought", said="1"))
    url = f"/leads/many/{the_batch(as_, ANN)[0]}"
    for who, status in ((ANN, 200), (MEG, 200), (BOB, 404), (EVE, 404)):
        assert client_as(who).get(url).status_code == status, who.name
        assert client_as(who).get(f"{url}/results.csv").status_code == status, who.name
    with as_(BOB):
        assert [session.scalars(select(model)).all() for model in (Batch, Chunk, Item)] == [[], [], []]
    assert "/leads/many/" in text_of(client_as(ANN).get("/leads/many/"))


def test_nothing_selected_says_so(client_as: ClientAs) -> None:
    meg = client_as(MEG)
    assert meg.send("/leads/many/ask", {"action": "delete", "back": BACK}).location == BACK
    assert "Kies eerst minstens één lead." in text_of(meg.get(BACK))
    assert meg.send("/leads/many/ask", {"action": "nonsense", "back": BACK}).status_code == 404
    assert meg.send("/leads/many/ask", {"action": "delete", "id": "x"}).status_code == 404


def test_the_list_of_results_tells_which_were_not_done(as_: As, client_as: ClientAs, some_leads: Leads) -> None:
    ids = some_leads(ANN, 2)
    with as_(ANN):
        ids.append(a_lead(stage="contact_sought").id)
    ann = client_as(ANN)
    answer = ann.send("/leads/many/begin", chosen(ids, "stage", stage="contact_sought", said="3"))
    page = text_of(ann.get(answer.location))
    assert "niet voor elke lead" in page and "Staat al in deze fase." in page
    sheet = text_of(ann.get(f"{answer.location}/results.csv?result=skipped"))
    assert sheet.count("Staat al in deze fase.") == 1
    with as_(ANN):
        assert {item.result for item in session.scalars(select(Item))} == {Result.DONE, Result.SKIPPED}
    with as_(MEG):
        assert session.scalars(select(AuditLine).where(AuditLine.action == "downloaded")).one().company_id == HOME
