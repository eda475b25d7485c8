"""Mails with leads in them: as notification programs write them, as people do, as strangers do; piped and polled."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from leadcrm.core.db import session
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.intake.commands import intake
from leadcrm.intake.models.inlet import Inlet
from leadcrm.intake.models.terms import State, Way
from leadcrm.intake.services import content as contents
from leadcrm.intake.services import letters
from leadcrm.leads.models.person import Person
from tests.intake.conftest import As, Given
from tests.people import MEG

Arrivals = Callable[[], list[Any]]
Work = Callable[[], int]
LINES = "Naam: Jan de Vries\nE-mailadres: jan@voorbeeld.nl\nTelefoon: 06-12345678\nDoel: Aankoop bestaande bouw\n"
TABLE = (
    "<html><head><style>td { color: red }</style></head><body><p>Nieuwe aanvraag:</p><table>"
    "<tr><td><b>Naam:</b></td><td>Jan de Vries</td></tr><tr><th>E-mailadres</th><td>jan@voorbeeld.nl</td></tr>"
    "<tr><td>Opmerking</td><td>Graag &lt;snel&gt;</td></tr></table><script>alert(1)</script></body></html>"
)


def mail(text: str = LINES, html: str = "", **headers: str) -> bytes:
    made = EmailMessage()
    for name, value in ({"From": "Formulier <no-reply@site.nl>", "Subject": "Nieuwe lead", "Message-ID": "<1@x>"}
                        | {name.replace("_", "-"): value for name, value in headers.items()}).items():  # fmt: skip
        made[name] = value
    if text:
        made.set_content(text)
        if html:
            made.add_alternative(html, subtype="html")
    else:
        made.set_content(html, subtype="html")
    return made.as_bytes()


@pytest.mark.parametrize("raw", [
    mail(), mail("Hallo,\n\n* Naam = Jan de Vries\n* E-mailadres = jan@voorbeeld.nl\n"),
    mail("Naam:\nJan de Vries\n\nE-mailadres:\njan@voorbeeld.nl\n"), mail("", TABLE), mail("Zie HTML", TABLE),
    mail("> Naam: Jan de Vries\r\n> E-mailadres: jan@voorbeeld.nl\r\n"),
    mail("**Naam:** Jan de Vries\n**E-mailadres:** jan@voorbeeld.nl\n"),
], ids=range(7))  # fmt: skip
def test_names_and_values_are_found(raw: bytes) -> None:
    fields = letters.read(raw).fields
    assert (fields["Naam"], fields["E-mailadres"]) == ("Jan de Vries", "jan@voorbeeld.nl")
    assert "alert" not in str(fields) and "color" not in str(fields)


def test_somebody_who_just_writes_is_the_sender() -> None:
    fields = letters.read(mail("Beste,\nik wil een hypotheek.\n", From="Els Vries <els@voorbeeld.nl>")).fields
    assert (fields["E-mail"], fields["Naam"]) == ("els@voorbeeld.nl", "Els Vries")
    assert "ik wil een hypotheek" in fields["Bericht"]


@pytest.mark.parametrize("raw", [
    b"", b"\x00" * 100, b"\xff" * 5_000, b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 50,
    b"Content-Type: text/plain; charset=unknown-8bit\n\n\xe9\xe9", b"Subject: =?utf-8?b?!!!?=\n\nx",
    b"From: " + b"a" * 100_000 + b"\n\n" + b"a:" * 50_000, mail("<" * 50_000), mail("", "<td>" * 20_000),
    b"Content-Transfer-Encoding: base64\n\n####", mail("\n".join(f"veld {n}: {n}" for n in range(2_000))),
], ids=range(11))  # fmt: skip
def test_strangers_mail_is_read_all_the_same(raw: bytes) -> None:
    contents.packed(contents.without_numbers(letters.read(raw)))
    assert letters.mark_of(raw) is not None


def test_a_piped_mail_becomes_a_lead(
    worker_app: Flask, as_: As, given: Given, work: Work, arrivals: Arrivals
) -> None:
    arguments = ["mail", "--company", "de-hypotheekhoek", "--source", "website"]

    def piped(raw: bytes, *other: str) -> Any:
        with worker_app.app_context():
            return CliRunner().invoke(intake, list(other) or arguments, input=raw)

    first, again = piped(mail(LINES + "Kleur: blauw\nmijn bsn is 111222333\n")), piped(mail("anders"))
    assert (first.exit_code, again.exit_code) == (0, 0) and "before" in again.output  # its Message-ID is known
    assert piped(mail(), "mail", "--company", "niemand", "--source", "website").exit_code == 75
    assert piped(b"").exit_code == 1
    work()
    (arrived,) = arrivals()
    assert (arrived.way, arrived.state) == (Way.PIPE, State.LEAD)
    assert b"111222333" not in contents.packed(contents.open_of(arrived))
    with as_(MEG):
        person: Any = session.query(Person).one()
        assert (person.email, person.phone) == ("jan@voorbeeld.nl", "+31612345678")


def test_attachments_are_named_not_kept(worker_app: Flask, given: Given) -> None:
    made = EmailMessage()
    made["From"], made["Subject"] = "a@b.nl", "x"
    made.set_content(LINES)
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="loonstrook.pdf")
    read = letters.read(made.as_bytes())
    assert read.attachments == ["loonstrook.pdf"] and b"%PDF" not in contents.packed(read)
    with worker_app.app_context(), viewing_as(Everything("a look")):
        assert session.get(Inlet, given.inlet_id) is not None
