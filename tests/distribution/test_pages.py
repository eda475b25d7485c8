"""The pages of distribution, as an agent and a manager meet them."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError

from leadcrm.auth.models.people import Grant
from leadcrm.core.audit import AuditLine
from leadcrm.core.db import session
from leadcrm.distribution.models.claim import Claim, Decision, Waiting
from leadcrm.distribution.models.handover import Handover
from leadcrm.distribution.models.profile import Absence, Profile
from leadcrm.distribution.models.rule import Rule, Setting, Turn
from leadcrm.distribution.services import handing_over, previewing
from leadcrm.leads.models.lead import Lead
from tests.distribution.conftest import As, Run
from tests.distribution.factories import a_profile, a_rule, switched_on
from tests.distribution.test_handing_over import WHY, from_ann_to_bob, user
from tests.leads.factories import a_lead
from tests.people import ANN, BOB, EVE, HOME, MEG, Person
from tests.world import Browser

ClientAs = Callable[[Person], Browser]
RULE = {"name": "Utrecht eerst", "active": "yes", "how": "round_robin", "regions": "3500-3599"}
WEEK = {f"{part}-{day}": time for day in range(5) for part, time in (("begins", "9"), ("ends", "17.30"))}
PROFILE = {"takes_part": "yes", "works_holidays": "no", "per_day": "5", "open_most": "", "regions": "", **WEEK}


def test_a_manager_sets_it_up(client_as: ClientAs, as_: As) -> None:
    meg = client_as(MEG)
    page = meg.get("/distribution/").text
    assert "Nog geen regels" in page and "Er doet nog geen adviseur mee" in page
    saved = meg.send("/distribution/rules/new", RULE | {"goal": ["remortgage", "other"], "trait": ["region"]})
    assert saved.status_code == 303
    meg.send("/distribution/rules/new", RULE | {"name": "Iedereen", "regions": ""})
    setting = {"active": "yes", "claim_minutes": "30", "most_offers": "3"}
    assert meg.send("/distribution/setting", setting).status_code == 303
    page = meg.get("/distribution/").text
    assert page.index("Utrecht eerst") < page.index("Iedereen") and "Oversluiten, Overig" in page
    with as_(MEG):
        first = session.scalars(select(Rule).where(Rule.position == 1)).one()
        assert (first.goals, first.traits, first.regions) == (["remortgage", "other"], ["region"], "3500-3599")
        assert session.scalars(select(Setting)).one().active_since
        audited = {(line.action, line.subject) for line in session.scalars(select(AuditLine))}
        assert {("created", "distribution_rule"), ("created", "distribution_setting")} <= audited
        ident = first.id
    meg.send(f"/distribution/rules/{ident}/move", {"to": "down"})
    meg.send(f"/distribution/rules/{ident}", RULE | {"name": "Utrecht later"})
    page = meg.get("/distribution/").text
    assert page.index("Iedereen") < page.index("Utrecht later")
    meg.send(f"/distribution/rules/{ident}/remove")
    assert meg.get(f"/distribution/rules/{ident}").status_code == 404
    assert meg.send(f"/distribution/rules/{ident}/put-back").status_code == 303
    assert meg.get(f"/distribution/rules/{ident}").status_code == 200


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("/distribution/rules/new", RULE | {"regions": "Utrecht"}, "Typ vier cijfers of een reeks"),
        ("/distribution/rules/new", RULE | {"name": ""}, "Vul dit veld in."),
        ("/distribution/setting", {"active": "yes", "claim_minutes": "0", "most_offers": "3"}, "Gebruik een getal"),
        (f"/distribution/agents/{ANN.id}", PROFILE | {"begins-1": "9", "ends-1": ""}, "Vul beide tijden in"),
        (f"/distribution/agents/{ANN.id}", PROFILE | {"begins-1": "25:00"}, "Dit is geen tijd"),
        (f"/distribution/agents/{ANN.id}", PROFILE | {"begins-1": "18:00"}, "Het einde moet na het begin liggen"),
        (f"/distribution/agents/{ANN.id}/absences", {"first_on": "2-1-2027", "last_on": "1-1-2027"}, "vóór de eerste"),
        (f"/distribution/agents/{ANN.id}/absences", {"first_on": "gisteren", "last_on": ""}, "Dit is geen datum"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_the_field(
    client_as: ClientAs, path: str, form: dict[str, Any], said: str
) -> None:
    answer = client_as(MEG).send(path, form)
    assert answer.status_code == 422 and said in answer.text
    typed = [value for name, value in form.items() if value not in ("", "yes", "no", "round_robin", "9", "17.30")]
    assert all(value in answer.text for value in typed)


def test_an_agents_profile_and_days_away(client_as: ClientAs, as_: As) -> None:
    meg = client_as(MEG)
    assert meg.send(f"/distribution/agents/{ANN.id}", PROFILE | {"language": ["nl", "pl"]}).status_code == 303
    meg.send("/distribution/agents/everybody")
    with as_(MEG):
        found = {each.user_id: each for each in session.scalars(select(Profile))}
        assert found[ANN.id].hours["0"] == ["09:00", "17:30"] and "5" not in found[ANN.id].hours
        assert (found[ANN.id].languages, found[ANN.id].per_day) == (["nl", "pl"], 5)
        assert found.keys() == {ANN.id, BOB.id}  # managers are not let in by the dozen
    assert "Pools" in meg.get(f"/distribution/agents/{ANN.id}").text
    ann = client_as(ANN)
    assert "09:00 – 17:30" in ann.get("/distribution/mine").text
    away = {"first_on": "1-2-2027", "last_on": "5-2-2027"}
    assert ann.send(f"/distribution/agents/{ANN.id}/absences", away).status_code == 303
    assert ann.send(f"/distribution/agents/{BOB.id}/absences", away).status_code == 404
    with as_(ANN):
        absence = session.scalars(select(Absence)).one().id
    assert client_as(BOB).send(f"/distribution/agents/{BOB.id}/absences/{absence}/remove").status_code == 404
    assert "1 feb 2027" in meg.get(f"/distribution/agents/{ANN.id}").text
    assert ann.send(f"/distribution/agents/{ANN.id}/absences/{absence}/remove").status_code == 303


def test_a_profile_is_not_an_agents_own_to_change(client_as: ClientAs, as_: As) -> None:
    with as_(MEG):
        a_profile(ANN, per_day=1)
    assert client_as(ANN).send(f"/distribution/agents/{ANN.id}", PROFILE).status_code == 403
    with as_(ANN):
        session.scalars(select(Profile)).one().per_day = 99
        with pytest.raises(StaleDataError):  # the policies leave no row to change
            session.flush()
        session.rollback()
    assert client_as(MEG).get(f"/distribution/agents/{EVE.id}").status_code == 404


def everything() -> dict[str, int]:
    models: tuple[Any, ...] = (Lead, Claim, Decision, Waiting, Turn, AuditLine)
    return {model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0 for model in models}


def test_the_preview_says_what_would_be_and_changes_nothing(client_as: ClientAs, as_: As) -> None:
    with as_(MEG):
        a_rule("Utrecht", regions="3500-3599"), a_rule("De rest"), a_profile(ANN), a_profile(BOB)
        for _ in range(3):
            a_lead(owner_id=MEG.id)
        owners = session.execute(select(Lead.id, Lead.owner_id).order_by(Lead.id)).all()
    meg = client_as(MEG)
    with as_(MEG):
        before = everything()
    page = meg.get("/distribution/preview").text
    said = re.findall(r"Koos ([^:]+): om de beurt", page)
    assert len(said) == 3 and set(said) == {ANN.name, BOB.name}
    assert "Gaat niet over deze lead: ander postcodegebied" in page and "De rest" in page
    with as_(MEG):
        assert everything() == before
        assert session.execute(select(Lead.id, Lead.owner_id).order_by(Lead.id)).all() == owners


def test_what_came_in_at_night_would_go_in_the_morning(as_: As) -> None:
    with as_(MEG):
        a_rule(), a_profile(ANN, hours={str(day): ["09:00", "17:30"] for day in range(5)})
        a_lead(owner_id=MEG.id).created_at = datetime(2026, 11, 15, 2, 0, tzinfo=UTC)  # a Sunday
        session.flush()
        assert [who for who, _many in previewing.preview(HOME).counts] == [ANN.id]


def given_to_ann(as_: As, run: Run) -> UUID:
    with as_(MEG):
        switched_on(30), a_rule(), a_profile(ANN)
        ident = a_lead().id
    run("hand_out", HOME)
    with as_(MEG):
        a_profile(BOB)
    return ident


def test_on_the_page_of_a_lead(client_as: ClientAs, as_: As, run: Run) -> None:
    lead = given_to_ann(as_, run)
    ann, meg = client_as(ANN), client_as(MEG)
    panel = ann.part(f"/distribution/lead/{lead}").text
    assert "Pak deze lead op" in panel and "Waarom?" not in panel
    panel = meg.part(f"/distribution/lead/{lead}").text
    assert "Koos Ann de Wit: om de beurt" in panel and "Pak deze lead op" not in panel
    assert client_as(BOB).part(f"/distribution/lead/{lead}").status_code == 404
    assert ann.send(f"/distribution/lead/{lead}/take-up").status_code == 303
    assert "opgepakt" in ann.part(f"/distribution/lead/{lead}").text


def test_giving_back_needs_a_reason_without_a_citizen_service_number(
    client_as: ClientAs, as_: As, run: Run
) -> None:
    lead = given_to_ann(as_, run)
    ann = client_as(ANN)
    assert ann.get(f"/distribution/lead/{lead}/give-back").status_code == 200
    for reason in ("", "Zijn BSN is 111222333."):
        answer = ann.send(f"/distribution/lead/{lead}/give-back", {"decline_reason": reason})
        assert answer.status_code == 422
    assert ann.send(f"/distribution/lead/{lead}/give-back", {"decline_reason": "Buren van mij"}).status_code == 303
    with as_(MEG):
        claim = session.scalars(select(Claim)).one().id
    run("take_back", HOME, claim)
    assert ann.get(f"/leads/{lead}").status_code == 404
    assert client_as(BOB).get(f"/leads/{lead}").status_code == 200
    assert "Buren van mij" in client_as(MEG).part(f"/distribution/lead/{lead}").text


def grant(as_: As, who: Person) -> None:
    with as_(MEG):
        session.add(Grant(company_id=HOME, user_id=who.id, permission="distribution.hand_over"))


def test_an_agent_hands_over_only_when_granted(client_as: ClientAs, as_: As) -> None:
    with as_(ANN):
        lead = a_lead().id
    form = {"to_id": str(BOB.id), "reason": WHY}
    assert client_as(ANN).send(f"/distribution/lead/{lead}/hand-over", form).status_code == 403
    assert "Overdragen" not in client_as(ANN).part(f"/distribution/lead/{lead}").text
    grant(as_, ANN)
    ann = client_as(ANN)
    assert "Overdragen" in ann.part(f"/distribution/lead/{lead}").text
    for wrong in ({"reason": ""}, {"to_id": str(EVE.id)}, {"to_id": str(ANN.id)}, {"to_id": "x"}):
        assert ann.send(f"/distribution/lead/{lead}/hand-over", form | wrong).status_code == 422
    assert ann.send(f"/distribution/lead/{lead}/hand-over", form).status_code == 303
    assert "Wacht op antwoord van Bob Smit" in ann.part(f"/distribution/lead/{lead}").text
    bob = client_as(BOB)
    inbox = bob.get("/distribution/handovers").text
    assert WHY in inbox and bob.get(f"/leads/{lead}").status_code == 404
    assert WHY in client_as(MEG).get("/distribution/handovers").text
    with as_(BOB):
        asked = session.scalars(select(Handover)).one().id
    assert bob.send(f"/distribution/handovers/{asked}/decline", {"answer": ""}).status_code == 422
    assert ann.send(f"/distribution/handovers/{asked}/accept").status_code == 404
    answer = bob.send(f"/distribution/handovers/{asked}/accept")
    assert answer.headers["Location"].endswith(f"/leads/{lead}")
    assert bob.get(f"/leads/{lead}").status_code == 200
    assert ann.get(f"/leads/{lead}").status_code == 404
    assert "answered" not in bob.send(f"/distribution/handovers/{asked}/decline", {"answer": "Toch niet"}).text


def test_declining_and_withdrawing_on_the_page(client_as: ClientAs, as_: As) -> None:
    lead, asked = from_ann_to_bob(as_)
    bob = client_as(BOB)
    assert bob.send(f"/distribution/handovers/{asked}/decline", {"answer": "Ik zit vol."}).status_code == 303
    assert "Ik zit vol." in client_as(ANN).get("/distribution/handovers").text
    with as_(ANN) as ann:
        again = handing_over.ask(session.get(Lead, lead), user(BOB), WHY, by=ann).id
    assert client_as(ANN).send(f"/distribution/handovers/{again}/withdraw").status_code == 403
    assert client_as(MEG).send(f"/distribution/handovers/{again}/withdraw").status_code == 303
    assert bob.get("/distribution/handovers").text.count("Ingetrokken") == 1


def test_what_waits_and_what_was_decided(client_as: ClientAs, as_: As, run: Run) -> None:
    with as_(MEG):
        switched_on(), a_rule(), a_profile(ANN, per_day=1)
        a_lead(), a_lead()
    run("hand_out", HOME)
    meg = client_as(MEG)
    assert "vandaag genoeg gekregen" in meg.get("/distribution/waiting").text
    decided = meg.get("/distribution/decisions").text
    assert decided.count("Koos Ann de Wit") == 1 and decided.count("Vond niemand") == 1


def test_the_report_counts_offers_and_what_was_due(client_as: ClientAs, as_: As, run: Run, admin_url: str) -> None:
    with as_(MEG):
        switched_on(30), a_profile(ANN), a_profile(BOB, per_day=2)
        a_rule()
        for _ in range(6):
            a_lead(lead_cost=45_00)
    run("hand_out", HOME)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE distribution_claim SET claimed_at = assigned_at + interval '10 minutes' "
                      "WHERE user_id = %s", [ANN.id])  # fmt: skip
        admin.execute("UPDATE distribution_claim SET due_at = now() - interval '1 minute' WHERE user_id = %s", [BOB.id])
    run("every_minute")
    meg = client_as(MEG)
    page = meg.get("/distribution/report").text
    assert "Verwacht aandeel" in page and "10 min" in page
    answer = meg.send("/distribution/report/export", {"days": "30"})
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    found = {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    assert found[ANN.name]["Opgepakt"] == "4" and found[BOB.name]["Niet op tijd"] == "2"
    # Four could have gone to either, then two to Ann alone; what Bob let go went to Ann, who alone was left.
    due = {name: row["Verwacht aandeel"] for name, row in found.items()}
    assert sum(int(each.rstrip("%")) for each in due.values()) in (99, 100, 101)
    assert int(due[ANN.name].rstrip("%")) > int(due[BOB.name].rstrip("%"))
    assert float(found[ANN.name]["Kosten van de leads"]) == 6 * 45
    with as_(MEG):
        assert session.scalars(select(AuditLine.subject).where(AuditLine.action == "exported")).all() == [
            "distribution_claim"
        ]


def test_agents_open_none_of_a_managers_pages(client_as: ClientAs) -> None:
    ann = client_as(ANN)
    for path in ("", "rules/new", "preview", "agents", f"agents/{BOB.id}", "waiting", "decisions", "report"):
        assert ann.get(f"/distribution/{path}").status_code == 403
    assert ann.send("/distribution/report/export").status_code == 403
