"""The wizard as people walk it: file, columns, check, import, result; and who may not."""

import io
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import openpyxl
import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import viewing_as
from leadcrm.imports.models import Import, State, Template
from leadcrm.imports.services import running, undoing
from leadcrm.leads.models.lead import Lead
from tests.imports.files import DUTCH, LOANS, workbook
from tests.people import ADA, ANN, BOB, EVE, MEG
from tests.people import Person as Somebody
from tests.world import Browser, viewer_of

START = "/leads/import"


def upload(browser: Browser, content: bytes, name: str = "leads.csv") -> Any:
    return browser.send(START, {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def uploaded(browser: Browser, text: str) -> str:
    """The address of the import."""
    answer = upload(browser, text.encode())
    assert answer.status_code == 303
    return str(answer.location).removesuffix("/columns")


def chosen(browser: Browser, address: str) -> dict[str, str]:
    """The form of the columns as the page shows it."""
    page = browser.get(f"{address}/columns").text
    fields = {}
    for name, inside in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        found = re.search(r'value="([^"]*)" selected', inside)
        fields[name] = found[1] if found else ""
    fields["decimal"] = "," if re.search(r'value="," checked', page) else "."
    return fields


def work(worker_app: Flask, who: Somebody, address: str, job: Callable[[Any], object]) -> None:
    """What a worker would do."""
    with worker_app.app_context(), viewing_as(viewer_of(who)):
        job(address.rpartition("/")[2])
        checkpoint()


def test_the_whole_way(client_as: Callable[[Somebody], Browser], worker_app: Flask) -> None:
    ann = client_as(ANN)
    address = uploaded(ann, DUTCH)
    page = ann.get(f"{address}/columns").text
    assert "J.P." in page
    assert "€ 48.500" in page
    answer = ann.send(f"{address}/columns", chosen(ann, address) | {"then": "check"})
    assert answer.location == f"{address}/check"
    assert "Wordt gecontroleerd" in ann.get(START).text
    assert "hx-get" in ann.get(f"{address}/check").text
    work(worker_app, ANN, address, running.check)
    assert "<dd class=\"tabular\">3</dd>" in ann.get(f"{address}/check").text
    answer = ann.send(f"{address}/run", {"on_problem": "leave_out", "on_duplicate": "skip"})
    assert answer.location == address
    assert "0 van 3 regels" in ann.part(address).text
    work(worker_app, ANN, address, running.run_slice)
    assert ann.part(address).headers["HX-Redirect"] == address
    page = ann.get(address).text
    assert "3 leads" in page
    assert ann.get(f"{address}/columns").location == address
    ann.send(f"{address}/undo")
    work(worker_app, ANN, address, undoing.undo)
    assert "teruggedraaid" in ann.get(address).text


def test_colleagues_do_not_see_it(client_as: Callable[[Somebody], Browser]) -> None:
    address = uploaded(client_as(ANN), DUTCH)
    assert client_as(MEG).get(f"{address}/columns").status_code == 200
    for who in (BOB, EVE):
        for path in ("", "/columns", "/check", "/not-imported"):
            assert client_as(who).get(address + path).status_code == 404
        for path in ("/columns", "/template", "/run", "/stop", "/undo", "/go-on", "/throw-away"):
            assert client_as(who).send(address + path).status_code == 404
        assert "leads.csv" not in client_as(who).get(START).text
    assert client_as(ADA).get(START).status_code == 403
    assert client_as(ANN).get(f"{START}/{uuid4()}").status_code == 404


def test_a_manager_does_not_take_an_agents_file_further(
    client_as: Callable[[Somebody], Browser], admin_url: str
) -> None:
    """The check would run within her sight, and the agent would read what it found."""
    address, meg = uploaded(client_as(ANN), DUTCH), client_as(MEG)
    for path in ("/columns", "/template", "/run", "/go-on"):
        answer = meg.send(address + path, {"then": "check"})
        assert (answer.status_code, answer.location) == (303, START)
    assert "Alleen wie dit bestand bracht" in meg.get(START).text
    with psycopg.connect(admin_url) as admin:
        assert admin.execute("SELECT state FROM imports_import").fetchone() == ("mapping",)
    assert meg.send(f"{address}/throw-away").status_code == 303


NO_TABLES = [(b"", "leeg"), (b"%PDF-1.7 ...", "pdf"), (b"a,b\n", "geen regels"), (bytes(range(256)), "tekstbestand")]


@pytest.mark.parametrize(("content", "words"), NO_TABLES)
def test_a_file_that_is_none_is_refused_and_leaves_nothing(
    client_as: Callable[[Somebody], Browser], worker_app: Flask, content: bytes, words: str
) -> None:
    answer = upload(client_as(ANN), content)
    assert answer.status_code == 422
    assert words in answer.text.lower()
    with worker_app.app_context(), viewing_as(viewer_of(ANN)):
        assert session.scalars(select(Import)).all() == []


def test_no_file_at_all(client_as: Callable[[Somebody], Browser]) -> None:
    assert client_as(ANN).send(START).status_code == 422


def test_choices_show_at_once_what_they_do(client_as: Callable[[Somebody], Browser]) -> None:
    ann = client_as(ANN)
    address = uploaded(ann, LOANS)
    fields = chosen(ann, address) | {"column-3": "applicant.children"}
    answer = ann.send(f"{address}/columns", fields)
    assert answer.status_code == 303
    assert "1 van de eerste 3 waarden passen niet" in ann.get(f"{address}/columns").text
    assert changed(ann, address, fields).text.lstrip().startswith("<div id=\"preview\"")


def changed(browser: Browser, address: str, fields: dict[str, str]) -> Any:
    """What htmx sends after every choice."""
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "Origin": "https://localhost"}
    return browser.post(f"{address}/columns", data=fields | {"csrf_token": browser.csrf_token()}, headers=headers)


def test_a_preview_that_comes_late_does_not_undo_the_check(client_as: Callable[[Somebody], Browser]) -> None:
    ann = client_as(ANN)
    address = uploaded(ann, DUTCH)
    columns = chosen(ann, address)
    ann.send(f"{address}/columns", columns | {"then": "check"})
    changed(ann, address, columns)
    assert "hx-get" in ann.part(f"{address}/check").text
    changed(ann, address, columns | {"column-0": ""})
    answer = ann.part(f"{address}/check")  # the poll: a whole page, never a piece of another one in this one
    assert (answer.headers["HX-Redirect"], answer.text) == (f"{address}/columns", "")


def test_two_columns_cannot_become_one_field(client_as: Callable[[Somebody], Browser]) -> None:
    ann = client_as(ANN)
    address = uploaded(ann, DUTCH)
    fields = chosen(ann, address) | {"column-1": "applicant.email", "then": "check"}
    answer = ann.send(f"{address}/columns", fields)
    assert answer.status_code == 422
    assert "al een andere kolom" in answer.text


def test_what_every_lead_needs_must_be_chosen(client_as: Callable[[Somebody], Browser]) -> None:
    ann = client_as(ANN)
    address = uploaded(ann, DUTCH)
    answer = ann.send(f"{address}/columns", chosen(ann, address) | {"fixed-lead.goal": "", "then": "check"})
    assert answer.status_code == 422
    assert "Kies een waarde" in answer.text


@pytest.mark.parametrize("field", ["column-0", "times-2", "fixed-lead.goal", "decimal", "word-0-0"])
def test_nonsense_in_the_form_is_no_accident(client_as: Callable[[Somebody], Browser], field: str) -> None:
    ann = client_as(ANN)
    address = uploaded(ann, DUTCH)
    for value in ("'; --", "9" * 50, "²", "lead.owner_id"):
        assert ann.send(f"{address}/columns", chosen(ann, address) | {field: value}).status_code in (303, 422)
        assert ann.get(f"{address}/columns").status_code == 200


def test_words_can_be_explained(client_as: Callable[[Somebody], Browser], worker_app: Flask) -> None:
    ann = client_as(ANN)
    address = uploaded(ann, "naam;geslacht\nJan;jongen\nEls;meisje\n")
    fields = chosen(ann, address) | {"column-1": "applicant.gender"}
    ann.send(f"{address}/columns", fields)
    page = ann.get(f"{address}/columns").text
    assert 'name="said-1-0" value="jongen"' in page
    assert 'name="said-1-1" value="meisje"' in page
    said = {"said-1-0": "jongen", "word-1-0": "m", "said-1-1": "meisje", "word-1-1": "f"}
    ann.send(f"{address}/columns", fields | said | {"then": "check"})
    work(worker_app, ANN, address, running.check)
    assert "jongen" not in ann.get(f"{address}/check").text


def test_a_kept_mapping_serves_the_whole_office(client_as: Callable[[Somebody], Browser], worker_app: Flask) -> None:
    ann = client_as(ANN)
    address = uploaded(ann, DUTCH)
    fields = chosen(ann, address) | {"column-1": "", "template-name": " Leverancier  X ", "then": "template"}
    assert ann.send(f"{address}/columns", fields).status_code == 303
    assert ann.send(f"{address}/columns", fields | {"template-name": ""}).status_code == 422
    again = uploaded(client_as(BOB), DUTCH)
    assert chosen(client_as(BOB), again)["column-1"] == ""
    bob = client_as(BOB)
    bob.send(f"{again}/columns", chosen(bob, again) | {"column-1": "applicant.initials"})
    assert bob.send(f"{again}/template", {"template": "Leverancier X"}).status_code == 303
    assert chosen(bob, again)["column-1"] == ""
    answer = bob.send(f"{again}/columns", fields)
    assert answer.status_code == 422
    assert "Een collega" in answer.text
    with worker_app.app_context(), viewing_as(viewer_of(EVE)):
        assert session.scalars(select(Template)).all() == []


def test_a_mapping_of_no_name_is_not_there(client_as: Callable[[Somebody], Browser]) -> None:
    ann = client_as(ANN)
    address = uploaded(ann, DUTCH)
    for name in ("", "a\0b", "\u202e", "x" * 5_000):
        assert ann.send(f"{address}/template", {"template": name}).location == f"{address}/columns"


def test_throwing_away(client_as: Callable[[Somebody], Browser], worker_app: Flask) -> None:
    ann = client_as(ANN)
    address = uploaded(ann, DUTCH)
    assert ann.send(f"{address}/throw-away").location == START
    assert ann.get(address).status_code == 404


def test_stopping_and_going_on(client_as: Callable[[Somebody], Browser], worker_app: Flask) -> None:
    ann = client_as(ANN)
    address = uploaded(ann, DUTCH)
    ann.send(f"{address}/columns", chosen(ann, address) | {"then": "check"})
    assert ann.send(f"{address}/stop").location == f"{address}/columns"
    ann.send(f"{address}/columns", chosen(ann, address) | {"then": "check"})
    work(worker_app, ANN, address, running.check)
    assert ann.send(f"{address}/undo").location == f"{address}/check"
    ann.send(f"{address}/run")
    assert ann.send(f"{address}/throw-away").location == address
    ann.send(f"{address}/stop")
    work(worker_app, ANN, address, running.run_slice)
    assert "Gestopt" in ann.get(address).text
    ann.send(f"{address}/go-on")
    work(worker_app, ANN, address, running.run_slice)
    assert "3 leads" in ann.get(address).text
    with worker_app.app_context(), viewing_as(viewer_of(ANN)):
        assert len(session.scalars(select(Lead)).all()) == 3


def left_out(ann: Browser, worker_app: Flask, content: bytes, name: str) -> Any:
    address = str(upload(ann, content, name).location).removesuffix("/columns")
    ann.send(f"{address}/columns", chosen(ann, address) | {"then": "check"})
    work(worker_app, ANN, address, running.check)
    ann.send(f"{address}/run", {"on_problem": "skip"})
    work(worker_app, ANN, address, running.run_slice)
    return ann.get(f"{address}/not-imported")


@pytest.mark.asvs("V5.4.1")
def test_what_was_left_out_comes_back(client_as: Callable[[Somebody], Browser], worker_app: Flask) -> None:
    ann = client_as(ANN)
    many = "".join(f"Özdemir {number};e{number}@example.nl;{number}\r\n" for number in range(60))
    text = f"naam;e-mail;naam\r\n{many}=SOM(A1);geen;\r\n"
    answer = left_out(ann, worker_app, text.encode("cp1252"), "leads nov.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.data.decode("cp1252").splitlines() == [
        "naam;e-mail;naam;Waarom niet geïmporteerd",
        "'=SOM(A1);geen;;e-mail: Dit is geen e-mailadres. Typ het als naam@voorbeeld.nl.",
    ]


def test_a_workbook_comes_back_as_a_workbook(client_as: Callable[[Somebody], Browser], worker_app: Flask) -> None:
    rows = [["naam", "e-mail"], *[[f"Jan {number}", f"e{number}@example.nl"] for number in range(60)], ["=1+1", "geen"]]
    content = workbook(rows)
    answer = left_out(client_as(ANN), worker_app, content, "leads.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert [cell.value for cell in next(sheet.iter_rows(min_row=2))][1] == "geen"
    assert sheet.max_row == 2


def test_the_same_file_is_recognised(client_as: Callable[[Somebody], Browser], worker_app: Flask) -> None:
    ann = client_as(ANN)
    left_out(ann, worker_app, DUTCH.encode(), "een.csv")
    address = uploaded(ann, DUTCH)
    ann.send(f"{address}/columns", chosen(ann, address) | {"then": "check"})
    work(worker_app, ANN, address, running.check)
    page = ann.get(f"{address}/check").text
    assert "eerder geïmporteerd" in page
    assert "Dubbel" in page
    with worker_app.app_context(), viewing_as(viewer_of(ANN)):
        assert {each.state for each in session.scalars(select(Import))} == {State.DONE, State.CHECKED}
