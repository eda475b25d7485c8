"""Many leads to a step of the company's own: by its rules, with its reasons, and each back to where it came from."""

import re
from collections.abc import Callable
from html import unescape
from uuid import UUID

from sqlalchemy import event, select

from leadcrm.bulk.models import Item, Result
from leadcrm.core.db import database, session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from leadcrm.pipelines.services import setup, steps
from leadcrm.pipelines.services.layout import Stop
from tests.leads.factories import a_lead
from tests.people import ANN, BOB, MEG
from tests.people import Person as Someone
from tests.pipelines.conftest import As
from tests.pipelines.factories import a_pipeline, a_reason, a_step, stop_of, with_rules
from tests.world import Browser

ClientAs = Callable[[Someone], Browser]


def sent(ids: list[UUID], step: Stop | str, **more: str) -> dict[str, object]:
    stage = step if isinstance(step, str) else str(step.id)
    chosen = {"action": "stage", "id": [str(each) for each in ids], "back": "/leads/?", "said": str(len(ids))}
    return chosen | {"stage": stage} | more


def where_they_are(as_: As) -> dict[UUID, str]:
    with as_(MEG):
        found = session.scalars(select(Lead)).all()
        return {lead.id: stop.name for lead in found if (stop := steps.of(lead))}


def test_every_pipeline_is_offered_with_its_steps(as_: As, client_as: ClientAs) -> None:
    with as_(MEG):
        a_step("Bij de notaris", Stage.SUBMITTED)
        other = a_pipeline("Oversluiten")
        ids = [a_lead().id]
    page = unescape(client_as(MEG).send("/leads/many/ask", sent(ids, "")).text)
    assert re.findall(r'<optgroup label="([^"]+)"', page) == ["Hypotheekleads", "Oversluiten"]
    assert "Bij de notaris" in page and f'value="{other.stops[0].id}"' in page
    assert "Waarom" not in page  # nothing is closed yet


def test_each_goes_to_the_step_and_back_to_its_own(as_: As, client_as: ClientAs) -> None:
    with as_(MEG):
        first, second = a_step("Eerste gesprek", Stage.CONTACT_SOUGHT), a_step("Tweede gesprek", Stage.CONTACT_SOUGHT)
    with as_(ANN):
        ids = [a_lead().id for _number in range(3)]
        for ident, stop in zip(ids, (first, second), strict=False):
            steps.move(session.get(Lead, ident), stop, signed_in_viewer())
        before = _standing()
    client = client_as(ANN)
    assert client.send("/leads/many/begin", sent(ids, second)).status_code == 303
    told = where_they_are(as_)
    assert set(told.values()) == {"Tweede gesprek"}
    with as_(ANN):
        results = dict(session.execute(select(Item.lead_id, Item.result)).all())  # type: ignore[arg-type]  # pairs
        assert results == {ids[0]: Result.DONE, ids[1]: Result.SKIPPED, ids[2]: Result.DONE}
        batch = session.scalars(select(Item.batch_id)).first()
    assert client.send(f"/leads/many/{batch}/undo").status_code == 303
    with as_(ANN):
        assert _standing() == before


def _standing() -> list[object]:
    asked = select(Lead.id, Lead.pipeline_id, Lead.step_id, Lead.stage, Lead.stage_since, Lead.contact_attempts)
    return list(session.execute(asked.order_by(Lead.id)).all())


def test_one_that_was_moved_on_since_stays(as_: As, client_as: ClientAs) -> None:
    with as_(MEG):
        step = a_step("Bij de notaris", Stage.SUBMITTED)
    with as_(ANN):
        ids = [a_lead().id for _number in range(2)]
    client = client_as(ANN)
    client.send("/leads/many/begin", sent(ids, step))
    with as_(ANN):
        batch = session.scalars(select(Item.batch_id)).first()
        moved = session.get(Lead, ids[0])
        steps.move(moved, stop_of(moved.company_id, Stage.ADVICE), signed_in_viewer())
        steps.move(moved, step, signed_in_viewer())  # back in the step, by somebody's own hand
    client.send(f"/leads/many/{batch}/undo")
    there = where_they_are(as_)
    assert there[ids[0]] == "Bij de notaris" and there[ids[1]] != "Bij de notaris"


def test_a_rule_of_the_step_holds_for_each_lead(as_: As, client_as: ClientAs) -> None:
    with as_(MEG):
        step = a_step("Bij de notaris", Stage.SUBMITTED)
        step = with_rules(step.name, required=["next_action"])
    with as_(ANN):
        ready, unready = a_lead(next_action="Bellen").id, a_lead().id
    client = client_as(ANN)
    page = client.send("/leads/many/begin", sent([ready, unready], step), follow_redirects=True)
    assert "Volgende actie" in unescape(page.text) and page.status_code == 200
    there = where_they_are(as_)
    assert there[ready] == "Bij de notaris" and there[unready] != "Bij de notaris"
    with as_(ANN):
        reason = session.scalars(select(Item.reason).where(Item.lead_id == unready)).one()
        assert "Bij de notaris" in reason


def test_closing_asks_for_a_reason_of_the_company(as_: As, client_as: ClientAs) -> None:
    with as_(MEG) as meg:
        a_reason(meg.company_id, "Koos eigen bank")
        a_reason(meg.company_id, "Alleen bij afwijzing", Stage.REJECTED)
        lost, advice = stop_of(meg.company_id, Stage.NOT_INTERESTED), stop_of(meg.company_id, Stage.ADVICE)
    with as_(ANN):
        ids = [a_lead().id for _number in range(2)]
    client = client_as(ANN)
    asked = unescape(client.send("/leads/many/fields", sent(ids, lost)).text)
    offered = re.search(r'<select[^>]+name="lost_reason".*?</select>', asked, re.S)
    assert offered and "Koos eigen bank" in offered[0] and "Alleen bij afwijzing" not in offered[0]
    assert 'name="lost_reason"' not in client.send("/leads/many/fields", sent(ids, advice)).text
    refused = client.send("/leads/many/begin", sent(ids, lost))
    assert refused.status_code == 422 and 'name="lost_reason"' in refused.text
    foreign = client.send("/leads/many/begin", sent(ids, lost, lost_reason=str(UUID(int=7))))
    assert foreign.status_code == 422
    reason = re.search(r'value="([0-9a-f-]{36})">Koos eigen bank', offered[0])
    assert reason and client.send("/leads/many/begin", sent(ids, lost, lost_reason=reason[1])).status_code == 303
    with as_(ANN):
        kept = session.execute(select(Lead.lost_reason_id, Lead.stage_reason).distinct()).one()
        assert (str(kept.lost_reason_id), kept.stage_reason) == (reason[1], "Koos eigen bank")


def test_a_step_of_another_company_is_none(as_: As, client_as: ClientAs) -> None:
    with as_(ANN):
        ids = [a_lead().id]
    for step in (str(UUID(int=9)), "nergens"):
        assert client_as(ANN).send("/leads/many/begin", sent(ids, step)).status_code == 422, step


def test_a_step_that_is_removed_meanwhile_refuses_each(as_: As, client_as: ClientAs) -> None:
    with as_(MEG):
        step = a_step("Bij de notaris", Stage.SUBMITTED)
        setup.remove_step(step, setup.mine().standard.open[0])
    with as_(BOB):
        ids = [a_lead().id]
    assert client_as(BOB).send("/leads/many/begin", sent(ids, step)).status_code in (303, 422)
    assert "Bij de notaris" not in where_they_are(as_).values()


def test_the_way_back_asks_one_statement_for_all_moves(as_: As, client_as: ClientAs) -> None:
    with as_(ANN) as ann:
        ids = [a_lead().id for _number in range(5)]
        step = stop_of(ann.company_id, Stage.CONTACT_SOUGHT)
    client = client_as(ANN)
    client.send("/leads/many/begin", sent(ids, step))
    with as_(ANN):
        batch = session.scalars(select(Item.batch_id)).first()
        engine = database().engine
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", listening := lambda *given: seen.append(given[2]))
    client.send(f"/leads/many/{batch}/undo")
    event.remove(engine, "before_cursor_execute", listening)
    assert sum("FROM pipelines_move" in each and "ORDER BY pipelines_move" in each for each in seen) == 1
