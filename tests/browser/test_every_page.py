"""Every page at its widths, light and dark, in both languages: axe is silent, nothing sticks out, no foreign word."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.browser.walker import (
    ADA,
    ANN,
    EVE,
    LOOKS,
    MEG,
    RULES,
    TON,
    WORKER_MS,
    Walker,
    choose_password,
    inspect,
    invite,
    language_of,
    look_over,
    open_lead,
)  # fmt: skip
from tests.browser.ways import ways

FORMS = ["request/edit", "income/new", "obligation/new", "asset/new", "existing/new", "consent/new", "property/edit",
         "wish/edit", "source/edit", "stage"]  # fmt: skip
LEADS = [
    "/leads/?size=25", "/today", "/calendar", "/calendar?view=month", "/calendar/plan?q=a", "/tasks", "/calendar/day",
    "/leads/?amount_from=veel", "/leads/?stage=open&amount_from=100000", "/leads/?q=Onvindbaarstein",
    "/search/?q=de", "/search/?q=Onvindbaarstein", "/search/", "/search/recent",
    "/leads/new", "/leads/filters", "/leads/columns",
    "/leads/?column=tags&tag=00000000-0000-4000-8000-000000000009", "/views/", "/views/menu?stage=new",
    "/leads/import", "/pipelines/board", "/leads/many/", "/exports/", "/auth/account", "/notifications/",
    "/notifications/choices", "/auth/account/security", "/figures/?span=year", "/figures/?span=own&from=gisteren",
    "/figures/origin?span=year", "/admin/companies", "/leads/nonsense"
]  # fmt: skip
OFFICE = [
    "/leads/?size=25", "/today", "/calendar", "/pipelines/board", "/pipelines/", "/pipelines/new",
    "/pipelines/reasons/new", "/checklists/", "/checklists/rules/new", "/distribution/", "/distribution/rules/new",
    "/distribution/preview", "/distribution/agents", "/distribution/mine", "/distribution/waiting",
    "/distribution/decisions", "/distribution/handovers", "/distribution/report?days=365", "/tags/", "/tags/new",
    "/own-fields/", "/own-fields/new", "/figures/", "/figures/origin", "/figures/agents?span=year",
    "/figures/suppliers?span=year", "/figures/chances", "/leads/sources", "/leads/sources/label/new",
    "/admin/users", "/admin/users/new", "/admin/failed-logins", "/admin/incidents", "/admin/alerts",
    "/admin/trail/", "/admin/users?q=zzzz", "/addresses/", "/mailboxes/", "/annex/", "/annex/suppliers",
    "/admin/rights", "/admin/break-glass", "/intake/arrivals", "/intake/quarantine", "/intake/sources"
]  # fmt: skip
PLATFORM = [
    "/", "/admin/users/new", "/admin/failed-logins", "/admin/incidents?state=all", "/admin/alerts", "/admin/trail/",
    "/admin/companies", "/admin/companies/new", "/leads/", "/addresses/", "/annex/", "/annex/suppliers",
    "/annex/suppliers/new", "/admin/rights", "/admin/break-glass", "/admin/break-glass/new"
]  # fmt: skip
DIRECTIONS = [
    ((ANN, 1440, "light"), (EVE, 390, "dark"), LEADS),
    ((MEG, 390, "light"), (TON, 1440, "dark"), OFFICE),
    ((ADA, 1440, "light"), (ADA, 390, "dark"), PLATFORM),
]
# Every page is looked at once with all rules, by one or the other; by both with those that look at what differs.
ONCE = [(*way, paths[turn::2], RULES) for *both, paths in DIRECTIONS for turn, way in enumerate(both)]
AGAIN = [(*way, paths[1 - turn :: 2], LOOKS) for *both, paths in DIRECTIONS for turn, way in enumerate(both)]
MIDDLE = (ANN, 1024, "dark", LEADS[:3], LOOKS)
ELSEWHERE = {  # no page, or below
    "/healthz", "/manifest.webmanifest", "/auth/sign-in", "/auth/forgotten", "/auth/second-factor", "/auth/enrol",
    "/auth/account/security/change", "/search/suggestions", "/pipelines/board/column", "/pipelines/board/total",
    "/leads/owners",
}  # fmt: skip
Inspector = Callable[..., list[str]]
TABLE = "A;B;E-mail\nJan de Vries;12;geen adres\nEls de Vries;13;ook geen\n"


def findings(page: Page, paths: list[str], language: str, look: Inspector = inspect) -> Iterator[tuple[str, str]]:
    """The frame is drawn once for all pages, and looked at on the first."""
    for path in paths:
        page.goto(path)
        yield from ((path, wrong) for wrong in look(page, language, frame=path == paths[0]))


@pytest.fixture(autouse=True)
def expected(walker: Walker) -> None:
    walker.expected = {403, 404, 422}


def test_no_page_is_forgotten(whole_app: Flask) -> None:
    whole = {
        rule.rule for rule in whole_app.url_map.iter_rules() if "GET" in (rule.methods or ()) and "<" not in rule.rule
    }
    once = [path for *_way, paths, _rules in ONCE for path in paths]
    assert sorted(once) == sorted(LEADS + OFFICE + PLATFORM)
    assert whole - {path.partition("?")[0] for path in once} == ELSEWHERE
    for *both, paths in DIRECTIONS:
        for way in both:
            assert {path for *seen, some, _rules in ONCE + AGAIN if tuple(seen) == way for path in some} == set(paths)


WRONG = """() => {
  const wrong = document.createElement("div");
  wrong.style.cssText = "color: #777; background: #888; width: 5000px";
  wrong.className = "carousel";
  wrong.append("Save", document.createElement("select"));
  document.querySelector("main").append(wrong);
}"""


def test_what_is_wrong_with_a_page_is_found(walker: Walker) -> None:
    """Otherwise silence would prove nothing."""
    page = walker.page(ANN, axe=True)
    page.goto("/leads/new")
    page.evaluate(WRONG)
    for rules, found in ((RULES, {"color-contrast", "select-name"}), (LOOKS, {"color-contrast"})):
        said = inspect(page, "nl", rules=rules, frame=False)
        assert found == {line.partition(":")[0] for line in said if line.partition(":")[2].startswith(" <")}
        assert any("wider than the window" in line for line in said)
        assert "not in this language: Save" in said
        assert "not in the style sheet: carousel" in said


@ways("width, theme, language", (390, "dark", "en"), again=[(1440, "light", "nl")])
def test_a_stranger(walker: Walker, width: int, theme: str, language: str) -> None:
    page = walker.page(None, width, theme, axe=True)
    page.goto("/auth/sign-in")
    page.locator(f".choice [lang={language}]").click()
    page.locator(f"html[lang={language}]").wait_for()
    paths = ["/auth/sign-in", "/auth/forgotten", "/nowhere", "/auth/set-password/" + "a" * 43]
    assert list(findings(page, paths, language)) == []
    page.goto("/auth/sign-in")
    page.fill("[name=email]", "marleen@zuidwestadvies.example.nl")
    page.fill("[name=password]", walker.product.accounts["marleen@zuidwestadvies.example.nl"]["password"])
    page.locator("main .btn-primary").click()
    page.wait_for_url("**/second-factor")
    assert inspect(page, language) == []


@ways("who, width, theme, paths, rules", *ONCE, again=[*AGAIN, MIDDLE])
def test_pages(walker: Walker, who: str, width: int, theme: str, paths: list[str], rules: list[str]) -> None:
    page = walker.page(who, width, theme, axe=True)
    look = partial(inspect, rules=rules)
    assert list(findings(page, paths, language_of(who), look)) == []


@ways("who, width, theme", (EVE, 390, "dark"), again=[(ANN, 1440, "light"), (MEG, 1024, "dark")])
def test_a_lead_and_its_forms(walker: Walker, who: str, width: int, theme: str) -> None:
    page, language = walker.page(who, width, theme, axe=True), language_of(who)
    address = open_lead(page)
    page.locator("#person a[href$='/edit']").first.click()
    page.locator("#person form .form-buttons").wait_for()
    found = inspect(page, language)
    page.fill("[name=email]", "geen adres")
    page.locator("#person form [type=submit]").click()
    page.locator(".error-summary").wait_for()
    found += inspect(page, language)
    page.locator("#person form").evaluate("form => form.dataset.sent = 'yes'")  # no question on leaving
    found += [wrong for _path, wrong in findings(page, [address], language)]
    forms = [f"{address}/{form}" for form in FORMS if who != MEG]
    look = inspect if width == 390 else look_over  # axe is slow: it sees every form once
    assert found + list(findings(page, forms, language, look)) == []


@ways("who, width, theme", (ANN, 1440, "light"), again=[(EVE, 390, "dark")])
def test_the_import(walker: Walker, tmp_path: Path, who: str, width: int, theme: str) -> None:
    page, language = walker.page(who, width, theme, axe=True), language_of(who)
    file = tmp_path / "file.csv"
    file.write_text(TABLE)
    page.goto("/leads/import")
    page.set_input_files("[name=file]", file)
    page.locator("main .btn-primary").click()
    page.wait_for_url("**/columns")
    found = inspect(page, language)
    page.select_option("#column-0", "applicant.birth_name")
    page.select_option("#column-2", "applicant.email")
    page.locator("[name=then][value=check]").click()
    page.wait_for_url("**/check")
    page.get_by_role("heading", name=re.compile("^2 ")).wait_for(timeout=WORKER_MS)
    found += inspect(page, language)
    page.check("[name=on_problem][value=skip]")
    page.locator("main .btn-primary").click()
    page.locator(".notice-warning").wait_for(timeout=WORKER_MS)
    assert found + inspect(page, language) == []


@ways("who, width, theme", (TON, 390, "dark"), again=[(MEG, 1440, "light")])
def test_menus(walker: Walker, who: str, width: int, theme: str) -> None:
    page, language = walker.page(who, width, theme, axe=True), language_of(who)
    page.goto("/leads/")
    found = []
    for summary in page.locator("details.menu > summary:visible").all():
        summary.click()
        found += inspect(page, language)
        page.keyboard.press("Escape")
    page.locator("input[data-choose]").first.check()
    found += inspect(page, language)
    assert found == []


@ways("who, width, theme", (ADA, 1440, "light"), again=[(TON, 390, "dark")])
def test_a_user(walker: Walker, who: str, width: int, theme: str) -> None:
    page, language = walker.page(who, width, theme, axe=True), language_of(who)
    page.goto("/admin/users")
    page.locator("a.row-name").nth(2).click()
    page.locator("#rights").wait_for()
    assert inspect(page, language) == []


@pytest.mark.parametrize(("who", "start"), [(ADA, "/admin/companies"), (MEG, "/leads/sources")])
def test_what_a_table_leads_to(walker: Walker, who: str, start: str) -> None:
    page = walker.page(who, 390, "light", axe=True)
    page.goto(start)
    page.locator("tbody a").first.click()
    page.locator("main form .form-buttons").first.wait_for()
    assert inspect(page, language_of(who)) == []


def test_an_invited_colleague(walker: Walker) -> None:
    manager = walker.page(TON, 390, "light", axe=True)
    email = "genodigd@zuidwestadvies.example.nl"
    link = invite(walker, manager, "Genodigde", email)
    found = inspect(manager, "en")
    page = walker.page(None, 390, "dark", axe=True)
    page.goto(link)
    found += inspect(page, "nl")
    choose_password(page, email)
    page.locator(".qr-frame").wait_for()
    assert found + inspect(page, "nl") == []
