"""The list on a lead's page, and the company's template, on the screen."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from leadcrm.checklists.models.of_lead import Extra, Reminder, Said
from leadcrm.checklists.models.rule import Rule
from leadcrm.checklists.models.terms import ItemState
from leadcrm.checklists.services import reminding, template
from leadcrm.checklists.services.defaults import DEFAULTS
from leadcrm.checklists.services.items import wanted
from leadcrm.core.db import session
from leadcrm.core.outbox import OutboxMail
from leadcrm.documents.models.terms import DocumentKind
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from tests.checklists.conftest import As
from tests.checklists.factories import a_document, a_rule
from tests.leads.factories import ELS, JAN, a_lead
from tests.people import ANN, BOB, ELSEWHERE, EVE, HOME, IVO, MEG


@pytest.fixture
def lead_id(as_: As) -> Any:
    with as_(ANN):
        return a_lead(JAN, ELS).id


def state_of(as_: As, lead_id: Any, name: str) -> ItemState:
    with as_(ANN):
        return next(item.state for item in wanted(session.get(Lead, lead_id)) if item.key.startswith(name))


def test_the_panel_and_the_page(client_as: Any, lead_id: Any) -> None:
    browser, path = client_as(ANN), f"/checklists/leads/{lead_id}"
    part, page = browser.part(path).text, browser.get(path).text
    assert part.lstrip().startswith("{#") is False and "<html" not in part and "<html" in page
    for shown in (part, page):
        assert "0 van 5 binnen" in shown and "Koopovereenkomst" in shown and "Els" in shown
    assert f'hx-get="{path}"' in browser.get(f"/leads/{lead_id}").text


def test_ticking_off_and_taking_it_back(as_: As, client_as: Any, lead_id: Any) -> None:
    browser, path = client_as(ANN), f"/checklists/leads/{lead_id}/items"
    with as_(ANN):
        a_document(session.get(Lead, lead_id), DocumentKind.VALUATION)
    said = {"checked": ItemState.CHECKED, "not_needed": ItemState.NOT_NEEDED, "open": ItemState.ARRIVED}
    for mark, state in said.items():
        assert browser.send(path, {"item": "valuation:", "mark": mark}).status_code == 303
        assert state_of(as_, lead_id, "valuation") == state
    assert browser.send(path, {"item": "valuation:", "mark": "eaten"}).status_code == 400
    assert browser.send(path, {"item": "invented:", "mark": "checked"}).status_code == 404
    with as_(ANN):
        assert session.scalars(select(Said)).all() == []


def test_something_else(as_: As, client_as: Any, lead_id: Any) -> None:
    browser, path = client_as(ANN), f"/checklists/leads/{lead_id}/extra"
    assert "Vul dit veld in" in browser.send(path, {"kind": "deed"}).text
    assert browser.send(path, {"name": "Akte van de schuur", "kind": "deed"}).status_code == 303
    assert browser.send(path, {"name": "X", "kind": "deed", "person": str(lead_id)}).status_code == 404
    with as_(ANN):
        extra = session.scalars(select(Extra)).one()
        ident = extra.id
    assert "Akte van de schuur" in browser.part(f"/checklists/leads/{lead_id}").text
    assert browser.send(f"{path}/{ident}/remove").status_code == 303
    assert "Akte van de schuur" not in browser.part(f"/checklists/leads/{lead_id}").text


def test_who_only_looks_changes_nothing(client_as: Any, lead_id: Any) -> None:
    assert client_as(IVO).get(f"/checklists/leads/{lead_id}").status_code == 403


@pytest.mark.parametrize("stranger", [BOB, EVE])
def test_the_list_of_somebody_else_is_not_there(client_as: Any, lead_id: Any, stranger: Any) -> None:
    browser, path = client_as(stranger), f"/checklists/leads/{lead_id}"
    assert browser.get(path).status_code == 404
    for what, form in (("items", {"item": "valuation:", "mark": "checked"}), ("reminder", {"after": "3"}),
                       ("extra", {"name": "A", "kind": "deed"}), ("reminder/cancel", {})):  # fmt: skip
        assert browser.send(f"{path}/{what}", form).status_code == 404


def test_a_reminder_comes_until_everything_is_there(as_: As, client_as: Any, lead_id: Any, as_worker: Any) -> None:
    browser, path = client_as(ANN), f"/checklists/leads/{lead_id}/reminder"
    assert browser.send(path, {"after": "1000"}).status_code == 400
    assert browser.send(path, {"after": "7"}).status_code == 303
    assert "Herinnering op" in browser.part(f"/checklists/leads/{lead_id}").text
    assert reminding.remind() == 0  # not its day yet
    with as_(ANN):
        session.scalars(select(Reminder)).one().due_on = reminding.today()
    assert reminding.remind() == 1
    with as_(ANN):
        mail = session.scalars(select(OutboxMail)).one()
        whole = f"{mail.subject} {mail.body}"
        assert mail.recipient == ANN.email and "ontbreken 5 stukken" in whole and f"/leads/{lead_id}" in whole
        assert not {"Jan", "Els", "Vries"} & set(whole.replace(",", " ").split())
        reminder = session.scalars(select(Reminder)).one()
        assert (reminder.due_on - reminding.today()).days == 7
        reminder.due_on = reminding.today()
        session.get(Lead, lead_id).stage = Stage.DUPLICATE
    assert reminding.remind() == 0
    with as_(ANN):
        assert session.scalars(select(Reminder)).all() == []


def test_a_reminder_can_be_taken_back(as_: As, client_as: Any, lead_id: Any) -> None:
    browser, path = client_as(ANN), f"/checklists/leads/{lead_id}/reminder"
    browser.send(path, {"after": "3"})
    browser.send(path, {"after": "14"})  # one a lead
    assert browser.send(f"{path}/cancel").status_code == 303
    with as_(ANN):
        assert session.scalars(select(Reminder)).all() == []


RULE = {
    "active": "yes", "name_nl": "Paspoort", "kind": "identity", "per": "person", "situation": "always", "copies": "1",
}  # fmt: skip


def address_of(key: str) -> str:
    return f"/checklists/rules/{DEFAULTS[key].id}"


def test_a_default_in_other_words_and_back_again(as_: As, client_as: Any, lead_id: Any) -> None:
    browser = client_as(MEG)
    assert browser.send(address_of("identity"), RULE).status_code == 303
    assert "Paspoort" in browser.part(f"/checklists/leads/{lead_id}").text
    assert browser.send(address_of("identity"), RULE | {"name_nl": "Pas"}).status_code == 303
    with as_(MEG):
        assert session.scalars(select(Rule.name_nl)).all() == ["Pas"]
    assert browser.send(f"{address_of('identity')}/restore").status_code == 303
    assert "Identiteitsbewijs" in browser.part(f"/checklists/leads/{lead_id}").text
    assert browser.send(f"{address_of('identity')}/restore").status_code == 303  # twice does no harm


def test_something_of_the_companys_own(as_: As, client_as: Any, lead_id: Any) -> None:
    browser = client_as(MEG)
    ours = RULE | {"name_nl": "Ons formulier", "kind": "engagement", "goal": ["purchase_existing", "remortgage"]}
    assert browser.send("/checklists/rules/new", ours).status_code == 303
    assert "Ons formulier" in browser.part(f"/checklists/leads/{lead_id}").text
    with as_(MEG):
        rule = session.scalars(select(Rule)).one()
        assert (rule.goals, rule.incomes) == (["purchase_existing", "remortgage"], [])
        path = f"/checklists/rules/{rule.id}"
    assert "Ons formulier" in browser.get(path).text and "Ons formulier" in browser.get("/checklists/").text
    assert browser.send(path, ours | {"active": "no"}).status_code == 303
    assert "Ons formulier" not in browser.part(f"/checklists/leads/{lead_id}").text
    assert browser.send(f"{path}/restore").status_code == 303
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("wrong", [{"name_nl": ""}, {"kind": "soup"}, {"copies": "0"}, {"months": "many"}, {"per": ""}])
def test_what_is_no_rule_is_refused(client_as: Any, wrong: dict[str, str]) -> None:
    answer = client_as(MEG).send("/checklists/rules/new", RULE | wrong)
    assert answer.status_code == 422 and "error-summary" in answer.text


def test_a_company_changes_its_own_template_only(as_: As, client_as: Any) -> None:
    client_as(MEG).send(address_of("identity"), RULE)
    with as_(EVE):
        assert template.mine() == DEFAULTS
    with as_(MEG):
        assert template.mine()["identity"].name == "Paspoort"
        theirs = template.of_companies({HOME, ELSEWHERE})
        assert theirs[ELSEWHERE] == DEFAULTS


def test_agents_use_it_and_do_not_change_it(as_: As, client_as: Any) -> None:
    with as_(MEG):
        rule_id = a_rule(HOME).id
    for path in ("/checklists/", f"/checklists/rules/{rule_id}", address_of("identity")):
        assert client_as(ANN).get(path).status_code == 403
    with as_(ANN):
        session.get(Rule, rule_id).name_nl = "Anders"
        with pytest.raises(StaleDataError):
            session.flush()
