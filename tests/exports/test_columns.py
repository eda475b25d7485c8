"""Every column that a list can have, in a file; and those that are hidden, of the office's own too."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from leadcrm.core import reveal
from leadcrm.custom_fields.models import Type
from leadcrm.custom_fields.services import values
from leadcrm.exports.services import parts
from leadcrm.leads.queries.lists import COLUMNS
from tests.bulk.conftest import As, Work
from tests.custom_fields.factories import a_field
from tests.exports.test_exporting import asked, lines_of, text_of, trail
from tests.leads.factories import a_full_lead, a_lead, where_from
from tests.people import ANN, MEG
from tests.people import Person as Someone
from tests.world import Browser

ClientAs = Callable[[Someone], Browser]
ADDRESS = "/leads/?sort=name&" + "&".join(f"column={column.name}" for column in COLUMNS)
WHEN = re.compile(r"\d\d-\d\d-20\d\d \d\d:\d\d")
FULL = {
    "Klant": "Jan de Vries & Els Bakker", "Kenmerk": "L-2026-00001", "Doel": "Aankoop bestaande bouw",
    "Fase": "Toegewezen", "Bedrag (€)": "360000", "Volgende actie": "'=Bellen", "Actie op": "01-07-2026 14:30",
    "Eigenaar": "Ann de Wit", "Label": "Huisvergelijker Hypotheek", "Laatste contact": "", "Stukken": "0 van 10",
    "Aangemaakt": "today", "In fase sinds": "today", "Termijn": "", "Contactpogingen": "0",
    "Waarde woning (€)": "410000", "LTV (%)": "88", "Leadbron": "Huisvergelijker.nl", "Leverancier": "Huisvergelijker",
    "Leadkosten (€)": "45", "Retour mogelijk tot": "today", "Kenmerk leverancier": "'-1", "E-mail": "jan@voorbeeld.nl",
    "Telefoon": "06 12345678", "Plaats": "Utrecht", "Postcode": "1234 AB", "Geboortedatum": "••••",
    "IBAN": "•••• 4300",
}  # fmt: skip
BARE = dict.fromkeys(FULL, "") | {
    "Klant": 'Zus; "Zo"', "Kenmerk": "L-2026-00002", "Doel": "Aankoop bestaande bouw", "Fase": "Nieuw",
    "Stukken": "0 van 4", "Aangemaakt": "today", "In fase sinds": "today", "Contactpogingen": "0",
    "Telefoon": "0049 30 123456",
}  # fmt: skip
OPENED = {"Geboortedatum": "14-03-1985", "IBAN": "NL91 ABNA 0417 1643 00"}


def rows_of(client: Browser, url: str) -> list[dict[str, str]]:
    """By title, in the order of the file."""
    titles, *rows = lines_of(client, url)
    return [dict(zip(titles, row, strict=True)) for row in rows]


def today(row: dict[str, str]) -> dict[str, str]:
    """What hangs on the clock, by a word."""
    return {title: "today" if WHEN.fullmatch(said) and title != "Actie op" else said for title, said in row.items()}


def two_leads(as_: As) -> None:
    """One that has something in nearly every column, and one with next to nothing."""
    with as_(MEG):
        source, label, supplier = where_from()
        a_full_lead(
            owner_id=ANN.id, next_action="=Bellen", next_action_at=datetime(2026, 7, 1, 12, 30, tzinfo=UTC),
            source_id=source.id, label_id=label.id, supplier_id=supplier.id, external_reference="-1",
        )  # fmt: skip
        a_lead({"birth_name": 'Zus; "Zo"', "phone": "+4930123456"})


def test_every_column(as_: As, client_as: ClientAs, work: Work) -> None:
    two_leads(as_)
    meg = client_as(MEG)
    masked, opened = asked(meg, ADDRESS), asked(meg, ADDRESS, reveal="yes")
    work()
    found = rows_of(meg, masked)
    assert [list(row) for row in found] == [list(FULL)] * 2
    assert list(map(today, found)) == [FULL, BARE]
    assert list(map(today, rows_of(meg, opened))) == [FULL | OPENED, BARE]


def test_a_mask_that_says_nothing_is_put_on_without_opening(
    as_: As, client_as: ClientAs, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def opener_of(model: Any, name: str) -> Any:
        opened.append(name)
        return reveal.opener_of(model, name)

    monkeypatch.setattr(parts, "opener_of", opener_of)
    two_leads(as_)
    meg = client_as(MEG)
    url = asked(meg, "/leads/?sort=name&column=iban&column=birth_date")
    work()
    assert [list(row.values())[2:] for row in rows_of(meg, url)] == [["•••• 4300", "••••"], ["", ""]]
    assert opened == ["iban"]


@pytest.mark.asvs("V14.2.6")
def test_a_hidden_field_of_the_office_is_opened_for_who_asks_and_written_down(
    as_: As, client_as: ClientAs, work: Work
) -> None:
    with as_(MEG):
        secret, plain = a_field("Kluiscode", sensitive=True), a_field("Sinds", Type.DATE)
        values.save(a_lead(), {secret: "=4711", plain: date(2026, 4, 3)})
        a_lead()
    meg, back = client_as(MEG), f"/leads/?sort=-created&column=own.{secret.key}&column=own.{plain.key}"
    assert "Kluiscode" in text_of(meg.send("/exports/ask", {"everything": "yes", "back": back}))
    masked, opened = asked(meg, back), asked(meg, back, reveal="yes")
    work()
    assert [row["Kluiscode"] for row in rows_of(meg, masked)] == ["", "••••"]
    assert trail(as_, "revealed") == [("revealed", {"fields": ["Kluiscode"], "leads": 2})]
    rows = rows_of(meg, opened)
    assert [row["Kluiscode"] for row in rows] == ["", "'=4711"]
    assert [row["Sinds"] for row in rows] == ["", "3 apr 2026"]


def test_nothing_hidden_is_nothing_to_open(as_: As, client_as: ClientAs, work: Work) -> None:
    with as_(MEG):
        plain = a_field("Kleur")
        values.save(a_lead(), {plain: "Rood"})
    meg, back = client_as(MEG), f"/leads/?column=own.{plain.key}"
    assert "reveal" not in text_of(meg.send("/exports/ask", {"everything": "yes", "back": back}))
    url = asked(meg, back, reveal="yes")
    work()
    assert rows_of(meg, url)[0]["Kleur"] == "Rood" and trail(as_, "revealed") == []
