"""Scripts stored in every text of every table, and every view opened in a real Chromium: none of them runs."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from playwright.sync_api import ConsoleMessage, Error, Page, sync_playwright
from psycopg import sql

from leadcrm.core.postgres import Embedded
from leadcrm.core.postgres.urls import conninfo
from tests.attack import canaries
from tests.attack.policy import route_of
from tests.browser.product import Share
from tests.browser.walker import ADA, ANN, MEG, Walker
from tests.chromium import ARGUMENTS, chromium_or_skip
from tests.doors import DOORS, Door
from tests.foreign import WORDS

RUN = "window.ran=1"
PAYLOADS = [
    f"<script>{RUN}</script>", f"<img src=x onerror={RUN}>", f"<svg onload={RUN}>", f'"><script>{RUN}</script>',
    f"'><img src=x onerror={RUN}>", f"</title><script>{RUN}</script>", f"</textarea><script>{RUN}</script>",
    f"</script><script>{RUN}</script>", f'" onmouseover="{RUN}" x="', f"' onfocus='{RUN}' autofocus='",
    f"javascript:{RUN}", f"JaVaScRiPt:{RUN}", f"java\tscript:{RUN}", f"data:text/html,<script>{RUN}</script>",
    "<iframe srcdoc='<script>parent.ran=1</script>'>", f"<a href=javascript:{RUN}>x</a>",
    f"<details open ontoggle={RUN}>", f"<body onload={RUN}>", f"<input autofocus onfocus={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    "{{ 7*7 }}{% for x in y %}", "${7*7}#{7*7}<%= 7*7 %>", f"<style>@import'javascript:{RUN}'</style>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>", f"<base href='javascript:{RUN}//'>",
    f"<div hx-get='/' hx-trigger=load hx-on::load='{RUN}'>", f"<button form=x formaction=javascript:{RUN}>x</button>",
    f"\u2028<script>{RUN}</script>\u2029", f"&lt;script&gt;{RUN}&lt;/script&gt;", f"<object data=javascript:{RUN}>",
    f"%3Cscript%3E{RUN}%3C/script%3E",
]  # fmt: skip
STORED_IN = ("leads_", "imports_", "auth_user", "auth_company", "auth_glass", "watch_", "core_notice", "annex_supplier",
             "addresses_", "mailboxes_", "auth_device")  # fmt: skip
VIEWS = [door for door in DOORS if door[1] == "GET" and (route_of(door) or {}).get("right") != "public"]
KEPT_BY_KIND = {"email", "slug", "key", "reference", "url", "kind", "reason", "host", "sender", "username"}


@pytest.fixture(scope="module")
def share() -> Share:
    """A product of its own: what is stored in it would spoil every other walk."""
    chromium_or_skip()
    folder = Path(os.environ["TESTS_INSTANCE"]) / f"scripts-{os.getpid()}"
    return Share(folder)


def infect(admin: psycopg.Connection[Any]) -> int:
    """Another payload in every row and column of text; what must keep a form of its own is left as it is."""
    written = 0
    admin.execute("SET session_replication_role = replica")
    for model in canaries.MODELS:
        names = [name for name, unlike in canaries.bearing(model) if not unlike and name not in KEPT_BY_KIND]
        if not names or not model.__tablename__.startswith(STORED_IN):
            continue
        lists = sql.SQL(", ").join(
            sql.SQL("{0} = left((%s::text[])[1 + abs(hashtext({0} || id::text || {1})) %% %s], {2})").format(
                sql.Identifier(name), sql.Literal(name), sql.Literal(model.__table__.columns[name].type.length or 999)
            )
            for name in names
        )
        values = [value for _name in names for value in (PAYLOADS, len(PAYLOADS))]
        statement = sql.SQL("UPDATE {} SET {}").format(sql.Identifier(model.__tablename__), lists)
        written += admin.execute(statement, values).rowcount * len(names)
    return written


def addresses(admin: psycopg.Connection[Any], door: Door) -> Iterator[str]:
    """This view with rows that are there; those of the first office."""
    rule, _method, words = door
    home = "SELECT id FROM auth_company WHERE slug LIKE 'de-hypotheekhoek%%' LIMIT 1"
    tables = {"lead_id": "leads_lead WHERE owner_id = (SELECT id FROM auth_user WHERE email LIKE 'ann@%%' LIMIT 1)",
              "user_id": "auth_user WHERE email LIKE 'bob@%%'", "company_id": "auth_company WHERE slug <> 'platform'",
              "import_id": "imports_import WHERE true", "version_id": "annex_version WHERE true",
              "supplier_id": "annex_supplier WHERE true", "incident_id": "watch_incident WHERE true"}  # fmt: skip
    found: dict[str, Any] = dict(words)
    for name in rule.arguments - WORDS.keys():
        table = tables.get(name, f"leads_{words.get('section') or words.get('kind') or 'x'}")
        if name == "row_id":
            table = f"leads_{words.get('section') or words.get('kind')} WHERE company_id = ({home})"
        try:
            row: Any = admin.execute(f"SELECT id FROM {table} LIMIT 1").fetchone()  # type: ignore[arg-type]  # ours
        except psycopg.errors.UndefinedTable:
            return
        if row is None:
            return
        found[name] = row[0]
    built = rule.build(found)
    if built is not None:
        yield str(built[1])


def test_nothing_that_was_stored_ever_runs(whole_app: Flask, share: Share) -> None:
    product = share.take()
    try:
        walked = _walk(share, product)
    finally:
        share.give_back()
    assert walked >= 40


def _walk(share: Share, product: Any) -> int:
    wrong: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_or_skip(), args=ARGUMENTS)
        with psycopg.connect(conninfo(Embedded(share.instance).admin_url("leadcrm")), autocommit=True) as admin:
            walker = Walker(chromium, product)
            pages = {who: _page(walker, who, wrong) for who in (ANN, MEG, ADA)}
            assert infect(admin) > 1_000
            paths = sorted({path for door in VIEWS for path in addresses(admin, door)} | {"/leads/?size=25"})
            shown = sum(_open(page, f"{who} {path}", path, wrong) for who, page in pages.items() for path in paths)
        chromium.close()
    assert not wrong, "\n".join(sorted(set(wrong))[:20])
    assert shown >= 40, "the payloads do not stand in the pages, so nothing was tried"
    return len(paths)


def _page(walker: Walker, who: str, wrong: list[str]) -> Page:
    page = walker.page(who)

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Trusted Type" in message.text:
            wrong.append(f"{who} {page.url}: {message.text[:200]}")

    page.on("console", heard)
    page.on("dialog", lambda dialog: (wrong.append(f"{who} {page.url}: a dialog"), dialog.dismiss()))
    return page


def _open(page: Page, name: str, path: str, wrong: list[str]) -> bool:
    """Whether a payload stands in the page, as text."""
    try:
        page.goto(path, wait_until="load")
    except Error as problem:  # a download is no page
        if "Download" not in str(problem) and "ERR_ABORTED" not in str(problem):
            raise
        return False
    if page.evaluate("window.ran"):
        wrong.append(f"{name}: a script ran")
    return "ran=1" in page.content()
