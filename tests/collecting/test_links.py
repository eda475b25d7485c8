"""An adviser's side: what is made, mailed, shown and taken back."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from leadcrm.collecting.models.link import Ask, CodeWay, Link
from leadcrm.collecting.services import links, reminding
from leadcrm.core.db import now, session
from leadcrm.core.outbox import OutboxMail
from leadcrm.documents.models.terms import DocumentKind
from leadcrm.leads.models.lead import Lead
from tests.checklists.conftest import As
from tests.checklists.factories import a_document
from tests.collecting.conftest import Make, Sent
from tests.leads.factories import ELS, JAN, a_lead, persons_of
from tests.people import ANN, BOB, EVE, MEG


def mails() -> list[Any]:
    """Recipient, subject and body, in their order."""
    columns = (OutboxMail.recipient, OutboxMail.subject, OutboxMail.body)
    return list(session.execute(select(*columns).order_by(OutboxMail.created_at)))


def test_the_link_goes_by_mail_and_the_code_does_not(as_: As, make_link: Make) -> None:
    sent = make_link(CodeWay.PHONE)
    with as_(ANN):
        (mail,) = mails()
    assert mail.recipient == JAN["email"] and sent.token in mail.body
    assert sent.code not in mail.body.replace(" ", "").replace(sent.token, "")
    assert "Beste Jan de Vries" in mail.body and "De Hypotheekhoek" in mail.subject


def test_the_code_goes_by_mail_and_the_link_does_not(as_: As, make_link: Make) -> None:
    sent = make_link(CodeWay.MAIL)
    with as_(ANN):
        (mail,) = mails()
    assert sent.token not in mail.body and sent.code in mail.body.replace(" ", "")


def noted(admin_url: str) -> list[str]:
    """What the trail says of links."""
    with psycopg.connect(admin_url) as admin:
        lines = admin.execute("SELECT action FROM core_audit_line WHERE action LIKE 'client %%' ORDER BY seq", [])
        return [action for (action,) in lines]


def test_neither_secret_is_in_the_database_in_clear(sent: Sent, admin_url: str) -> None:
    with psycopg.connect(admin_url) as admin:
        row = str(admin.execute("SELECT l::text FROM collecting_link l").fetchone())
    assert sent.token not in row and sent.code not in row
    assert sent.code.encode().hex() not in row and sent.token.encode().hex() not in row


def test_what_it_asks_for_stays_as_it_was(as_: As, sent: Sent) -> None:
    with as_(ANN):
        asks = session.scalars(select(Ask).where(Ask.link_id == sent.link_id).order_by(Ask.position)).all()
        assert [ask.name for ask in asks] == ["Identiteitsbewijs", "Koopovereenkomst", "Taxatierapport", "Energielabel"]
        assert "KopieID" in asks[0].explanation


def test_another_code_ends_the_guessing(as_: As, sent: Sent, admin_url: str) -> None:
    with as_(ANN):
        link: Any = session.get(Link, sent.link_id)
        link.failures = 10
        again = links.renew_code(link)
        assert link.failures == 0 and again.code != sent.code and again.address.endswith(sent.token)
    assert noted(admin_url) == ["client link made", "client code renewed"]


def test_showing_the_secrets_is_logged(as_: As, sent: Sent, admin_url: str) -> None:
    with as_(ANN):
        shown = links.show(session.get(Link, sent.link_id))
        assert (shown.code, shown.address.rpartition("/")[2]) == (sent.code, sent.token)
    with psycopg.connect(admin_url) as admin:
        row = admin.execute(
            "SELECT body FROM core_audit_line WHERE action = 'revealed' AND subject = 'collecting_link'"
        ).fetchone()
    assert row and "token" in row[0] and sent.code not in row[0]


@pytest.mark.parametrize("stranger", [BOB, EVE])
def test_a_link_belongs_to_whoever_sees_the_lead(as_: As, sent: Sent, stranger: Any) -> None:
    with as_(stranger):
        assert session.get(Link, sent.link_id) is None and links.find(sent.lead_id, sent.link_id) is None
    with as_(MEG):
        assert links.find(sent.lead_id, sent.link_id) is not None


def test_a_client_is_reminded_of_what_is_missing_and_no_more(as_: As, sent: Sent, as_worker: None) -> None:
    with as_(ANN):
        link: Any = session.get(Link, sent.link_id)
        link.created_at = now() - timedelta(days=5)
        a_document(session.get(Lead, sent.lead_id), DocumentKind.IDENTITY)
    assert reminding.remind() == 1
    mail = mails()[-1]
    assert sent.token in mail.body and "Koopovereenkomst" in mail.body and "Identiteitsbewijs" not in mail.body
    assert sent.code not in mail.body.replace(sent.token, "")
    assert reminding.remind() == 0  # not twice in four days


@pytest.mark.parametrize(
    "change",
    [{"revoked_at": now()}, {"expires_at": now()}, {"reminders": 3}, {"arrived_at": now()}, {"email": None}],
    ids=lambda change: next(iter(change)),
)
def test_nobody_is_reminded_in_vain(as_: As, sent: Sent, as_worker: None, change: dict[str, Any]) -> None:
    with as_(ANN):
        link: Any = session.get(Link, sent.link_id)
        for name, value in {"created_at": now() - timedelta(days=5), **change}.items():
            setattr(link, name, value)
    assert reminding.remind() == 0


def test_the_form_ticks_what_is_missing_of_the_first_applicant(as_: As, client_as: Any) -> None:
    with as_(ANN):
        lead = a_lead(JAN, ELS)
        jan, els = (person.id for person in persons_of(lead))
        lead_id = lead.id
    browser = client_as(ANN)
    page = browser.get(f"/collecting/{lead_id}/new").text
    assert f'value="identity:{jan}" checked' in page and f'value="identity:{els}" checked' not in page
    page = browser.get(f"/collecting/{lead_id}/new?person={els}").text
    assert f'value="identity:{els}" checked' in page and f'value="identity:{jan}" checked' not in page


def test_making_one_on_the_screen(as_: As, client_as: Any) -> None:
    with as_(ANN):
        lead = a_lead()
        lead_id, jan = lead.id, persons_of(lead)[0].id
    browser, path = client_as(ANN), f"/collecting/{lead_id}/new"
    form = {"name": "Jan", "email": "jan@voorbeeld.nl", "code_way": "phone", "language": "nl", "days": "14"}
    form["person"] = str(jan)
    refused = browser.send(path, form)
    assert refused.status_code == 422 and "Vink minstens één stuk aan." in refused.text
    made = browser.send(path, form | {"item": [f"identity:{jan}", "purchase_contract:", "invented:"]})
    assert made.status_code == 200 and "client-secret" in made.text
    panel = browser.part(f"/collecting/{lead_id}").text
    assert "Identiteitsbewijs, Koopovereenkomst" in panel and "verstuurd" in panel
    assert browser.send(path, form | {"item": ["purchase_contract:"], "days": "3650"}).status_code == 400
    assert browser.send(path, form | {"item": ["purchase_contract:"], "email": "geen"}).status_code == 422


def test_revoking_and_the_rest_on_the_screen(client_as: Any, sent: Sent) -> None:
    browser, base = client_as(ANN), f"/collecting/{sent.lead_id}/links/{sent.link_id}"
    shown = browser.send(f"{base}/show")
    assert sent.token in shown.text and f"{sent.code[:3]} {sent.code[3:]}" in shown.text
    assert browser.send(f"{base}/code").status_code == 200
    assert browser.send(f"{base}/remind").status_code == 303
    assert browser.send(f"{base}/revoke").status_code == 303
    assert "ingetrokken" in browser.part(f"/collecting/{sent.lead_id}").text
    assert browser.send(f"{base}/show").status_code == 404
    assert browser.send(f"{base}/code").status_code == 404
