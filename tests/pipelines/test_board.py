"""The board and the pages on which pipelines are set up, on the screen."""

import json
import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select

from leadcrm.core.db import database, session
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.source import Source
from leadcrm.leads.models.terms import Stage
from leadcrm.pipelines.models.move import Move
from leadcrm.pipelines.models.pipeline import Pipeline, Reason, Step
from leadcrm.pipelines.queries import board
from leadcrm.pipelines.services import setup
from tests.leads.factories import ELS, JAN, a_lead
from tests.people import ANN, BOB, EVE, HOME, IVO, MEG
from tests.pipelines.conftest import As
from tests.pipelines.factories import a_pipeline, a_reason, a_step, stop_named, stop_of, with_rules

JSON = {"Accept": "application/json", "Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def lead_id(as_: As) -> UUID:
    with as_(ANN):
        return a_lead(JAN).id


def step_id(as_: As, name: str) -> UUID:
    with as_(MEG):
        return stop_named(name).id


def column(browser: Any, step: Any, more: str = "") -> str:
    return str(browser.part(f"/pipelines/board/column?step={step}{more}").text)


def sent(browser: Any, path: str, **values: Any) -> Any:
    """As the script of the board sends it."""
    token = browser.csrf_token()
    answer = browser.open(path, method="POST", data={"csrf_token": token} | values, headers=JSON)
    return answer.status_code, json.loads(answer.text)


def test_the_board_has_a_column_for_every_step(client_as: Any, lead_id: UUID) -> None:
    page = client_as(ANN).get("/pipelines/board").text
    assert page.count("data-step=") == len(Stage) and "Toegewezen" in page and "Jan" not in page
    assert "Eigenaar: alle" not in page, "an agent sees only her own"


def test_a_column_shows_its_cards_and_figures(as_: As, client_as: Any, lead_id: UUID) -> None:
    with as_(ANN):
        session.get(Lead, lead_id).mortgage_amount = 312_500_00
    browser, step = client_as(ANN), step_id(as_, "Toegewezen")
    part = column(browser, step)
    assert "Jan de Vries" in part and "1 lead · € 312.500" in part and "<html" not in part
    assert "1 lead" in browser.part(f"/pipelines/board/total?step={step}").text
    whole = browser.get(f"/pipelines/board?step={step}").text
    assert "Jan de Vries" in whole and "1 lead · € 312.500" in whole, "without a script one column has its cards"
    assert browser.get(f"/pipelines/board/column?step={step}").status_code == 303
    assert browser.part(f"/pipelines/board/column?step={lead_id}").status_code == 404
    assert "Geen leads in deze stap" in column(browser, step_id(as_, "Advies"))


@pytest.mark.parametrize("stranger", [BOB, EVE])
def test_the_board_shows_nobody_elses_leads(as_: As, client_as: Any, lead_id: UUID, stranger: Any) -> None:
    with as_(stranger):
        step = stop_of(stranger.company_id, Stage.ASSIGNED).id
    assert "0 leads" in column(client_as(stranger), step)
    browser, advice = client_as(stranger), step_id(as_, "Advies")
    assert browser.get(f"/pipelines/leads/{lead_id}/move").status_code == 404
    assert browser.send(f"/pipelines/leads/{lead_id}/move", {"step": advice}).status_code == 404


def test_a_column_goes_on_by_key(as_: As, client_as: Any) -> None:
    with as_(ANN):
        made = {str(a_lead(JAN).id) for _each in range(board.CARDS + 5)}
    browser, step = client_as(ANN), step_id(as_, "Toegewezen")
    for order in ("newest", "longest"):
        first = column(browser, step, f"&order={order}")
        more = re.search(r'hx-get="([^"]+page=[^"]+)"', first)
        assert more is not None
        second = browser.part(more[1].replace("&amp;", "&")).text
        pages = [re.findall(r'data-card="([^"]+)"', page) for page in (first, second)]
        assert [len(page) for page in pages] == [board.CARDS, 5] and set(pages[0] + pages[1]) == made
        assert "total-" not in second and "Meer tonen" not in second


def test_the_board_is_narrowed(as_: As, client_as: Any, lead_id: UUID) -> None:
    with as_(MEG):
        source = Source(company_id=HOME, name="Website", key="web")
        session.add(source)
        session.flush()
        a_lead(ELS, owner_id=BOB.id, source_id=source.id)
        step, source_id = stop_named("Toegewezen").id, source.id
    browser = client_as(MEG)
    assert "2 leads" in column(browser, step)
    for narrowed, seen, unseen in (
        (f"&owner={ANN.id}", "Jan", "Els"), (f"&source={source_id}", "Els", "Jan"), ("&owner=none", "", "Jan"),
        ("&owner=me", "", "Els"), ("&label=nonsense", "Jan", "Piet"),
    ):  # fmt: skip
        part = column(browser, step, narrowed)
        assert seen in part and unseen not in part, narrowed
    assert f'value="{source_id}" selected' in browser.get(f"/pipelines/board?source={source_id}").text


def test_a_card_is_moved_and_put_back(as_: As, client_as: Any, lead_id: UUID) -> None:
    browser, advice = client_as(ANN), step_id(as_, "Advies")
    path, back = f"/pipelines/leads/{lead_id}/move", "/pipelines/board?order=longest"
    status, answer = sent(browser, path, step=advice, back=back)
    assert status == 200 and answer["said"] == "Jan de Vries staat nu in “Advies”." and "vandaag" in answer["since"]
    assert answer["undo"].endswith("back=/pipelines/board?order%3Dlongest")
    assert sent(browser, path, step=advice)[0] == 200, "sent twice"
    with as_(ANN):
        assert session.get(Lead, lead_id).stage == Stage.ADVICE
        assert len(session.scalars(select(Move)).all()) == 1
    status, answer = sent(browser, answer["undo"])
    assert status == 200 and answer["step"] == str(step_id(as_, "Toegewezen"))
    with as_(ANN):
        assert session.get(Lead, lead_id).stage == Stage.ASSIGNED


def test_a_refused_move_says_why_and_changes_nothing(as_: As, client_as: Any, lead_id: UUID) -> None:
    with as_(MEG):
        advice = with_rules("Advies", required=["urgency"]).id
    browser, path = client_as(ANN), f"/pipelines/leads/{lead_id}/move"
    status, answer = sent(browser, path, step=advice)
    assert (status, answer["name"]) == (422, "Jan de Vries")
    assert answer["problem"] == "Vóór “Advies” moet dit zijn ingevuld: Termijn."
    plain = browser.send(path, {"step": advice})
    assert plain.status_code == 422 and "moet dit zijn ingevuld: Termijn" in plain.text
    assert sent(browser, path, step=lead_id)[0] == 422
    stage_form = browser.send(f"/leads/{lead_id}/stage", {"stage": "advice"})
    assert stage_form.status_code == 422 and "moet dit zijn ingevuld: Termijn" in stage_form.text
    with as_(ANN):
        assert session.get(Lead, lead_id).stage == Stage.ASSIGNED


def test_closing_asks_why_on_the_form(as_: As, client_as: Any, lead_id: UUID) -> None:
    with as_(MEG):
        bank, ended = a_reason(HOME).id, stop_named("Beëindigd").id
    browser, path = client_as(ANN), f"/pipelines/leads/{lead_id}/move"
    form = browser.part(f"{path}?step={ended}").text
    assert "Eigen bank" in form and f'value="{ended}" selected' in form
    refused = browser.send(path, {"step": ended, "stage_reason": "Het was mooi"})
    assert refused.status_code == 422 and "Het was mooi" in refused.text
    assert "Vul dit veld in" in refused.text
    assert browser.send(path, {"step": ended, "lost_reason": bank}).status_code == 303
    with as_(ANN):
        lead = session.get(Lead, lead_id)
        assert (lead.stage, lead.lost_reason_id, lead.stage_reason) == (Stage.ENDED, bank, "Eigen bank")


def test_without_a_script_it_goes_back_to_the_board_and_nowhere_else(as_: As, client_as: Any, lead_id: UUID) -> None:
    browser, path, advice = client_as(ANN), f"/pipelines/leads/{lead_id}/move", step_id(as_, "Advies")
    asked = {"/pipelines/board?owner=me": "/pipelines/board?owner=me", "//evil.example": f"/leads/{lead_id}",
             "/pipelines/boarder": f"/leads/{lead_id}"}  # fmt: skip
    for back, there in asked.items():
        for step in (advice, step_id(as_, "Toegewezen")):
            assert browser.send(path, {"step": step, "back": back}).location == there


def test_the_page_of_a_lead_speaks_of_the_companys_steps(as_: As, client_as: Any, lead_id: UUID) -> None:
    with as_(MEG):
        called = a_step("Gebeld en gemaild", Stage.ASSIGNED)
        other = a_pipeline().by_stage[Stage.ADVICE].id
    browser = client_as(ANN)
    browser.send(f"/pipelines/leads/{lead_id}/move", {"step": called.id})
    page = browser.get(f"/leads/{lead_id}").text
    assert re.search(r'aria-current="step">Gebeld en gemaild<', page)
    assert f'action="/pipelines/leads/{lead_id}/move"' in page
    assert browser.send(f"/pipelines/leads/{lead_id}/move", {"step": other}).status_code == 303
    assert re.search(r'aria-current="step">Advies<', browser.get(f"/leads/{lead_id}").text)


def test_setting_up(as_: As, client_as: Any, lead_id: UUID) -> None:
    browser = client_as(MEG)
    page = browser.get("/pipelines/").text
    assert "hier komen leads binnen" in page and "Nog geen eigen redenen" in page
    line = re.search(r'id="line-([^"]+)"', page)
    assert line is not None
    path = f"/pipelines/{line[1]}"
    assert "Deze naam bestaat al" in browser.send(f"{path}/steps/new", {"name": "Advies", "stage": "advice"}).text
    assert "Vul dit veld in" in browser.send(f"{path}/steps/new", {"stage": "advice"}).text
    given = {"name": "Tweede advies", "stage": "advice", "required": ["phone", "nonsense"], "min_attempts": "2",
             "after": step_id(as_, "Advies")}  # fmt: skip
    assert browser.send(f"{path}/steps/new", given).status_code == 303
    page = browser.get("/pipelines/").text
    assert "Vraagt eerst: Telefoon" in page and page.index("Tweede advies") < page.index("Aanvraag ingediend")
    step = step_id(as_, "Tweede advies")
    assert browser.send(f"/pipelines/steps/{step}/earlier").status_code == 303
    assert browser.send(f"/pipelines/steps/{step}/sideways").status_code == 404
    assert browser.send(f"/pipelines/steps/{step}", {"name": "Eerste advies"}).status_code == 303
    page = browser.get("/pipelines/").text
    assert page.index("Eerste advies") < page.index(">Advies<") and "Vraagt eerst" not in page
    assert browser.send(f"/pipelines/steps/{step}/remove", {"to": step}).status_code == 422
    assert browser.send(f"/pipelines/steps/{step}/remove", {"to": step_id(as_, "Advies")}).status_code == 303
    assert "Eerste advies" not in browser.get("/pipelines/").text
    assert browser.send(path, {"name": "Alles"}).status_code == 303
    assert browser.send(f"{path}/remove").status_code == 303
    with as_(MEG):
        assert session.scalars(select(Pipeline)).one().name == "Alles"
        assert session.get(Step, step).moved_to_id == stop_named("Advies").id


def test_another_pipeline_and_reasons(as_: As, client_as: Any) -> None:
    browser = client_as(MEG)
    like = re.search(r'id="line-([^"]+)"', browser.get("/pipelines/").text)
    assert like is not None
    assert browser.send("/pipelines/new", {"name": "Oversluiten", "like": like[1]}).status_code == 303
    assert browser.send("/pipelines/new", {"name": "oversluiten"}).status_code == 422
    with as_(MEG):
        line = setup.mine().lines[1]
        assert len(line.stops) == len(Stage)
    assert "Oversluiten" in client_as(ANN).get("/pipelines/board").text
    assert f'name="pipeline" value="{line.id}"' in client_as(ANN).get(f"/pipelines/board?pipeline={line.id}").text
    assert browser.send(f"/pipelines/{line.id}/remove").status_code == 303
    reason = {"name": "Eigen bank", "active": "yes"}
    assert browser.send("/pipelines/reasons/new", reason).status_code == 303
    assert "Deze naam bestaat al" in browser.send("/pipelines/reasons/new", reason).text
    assert "sluit" in browser.send("/pipelines/reasons/new", {"name": "X", "active": "yes", "stage": "advice"}).text
    with as_(MEG):
        ident = session.scalars(select(Reason.id)).one()
    assert browser.send(f"/pipelines/reasons/{ident}", {"name": "Andere bank", "active": "no"}).status_code == 303
    assert "Andere bank" in browser.get("/pipelines/").text


@pytest.mark.parametrize("person", [ANN, IVO])
def test_only_managers_set_up(client_as: Any, person: Any) -> None:
    assert client_as(person).get("/pipelines/").status_code == 403
    assert client_as(person).get("/pipelines/board").status_code == (200 if person is ANN else 403)


def test_a_page_makes_few_statements(app: Any, as_: As, client_as: Any, lead_id: UUID) -> None:
    with as_(MEG):
        a_step("Gebeld", Stage.ASSIGNED)
        step, advice = stop_named("Toegewezen").id, stop_named("Advies").id
    browser, asked = client_as(MEG), []
    with app.app_context():
        engine = database().engine

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        for path in ("/pipelines/board", f"/pipelines/board/column?step={step}", f"/pipelines/board?step={step}"):
            asked.clear()
            assert browser.part(path).status_code == 200
            assert len(asked) <= 6, (path, asked)
        asked.clear()
        assert sent(browser, f"/pipelines/leads/{lead_id}/move", step=advice)[0] == 200
        assert len(asked) <= 13, asked
    finally:
        event.remove(engine, "before_cursor_execute", count)
