"""The policy of our pages in a real browser: everything of ours lives under it, and nothing else can."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.walker import ADA, ANN, MEG, Walker, arrived, open_lead

WATCH = """
window.stopped = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.stopped.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""
WALKS = {
    ANN: ["/leads/", "/leads/new", "/leads/import", "/auth/account", "/nowhere"],
    MEG: ["/leads/", "/leads/sources", "/admin/users", "/addresses/"],
    ADA: ["/admin/users", "/admin/companies", "/addresses/"],
}
ATTACKS = {  # what a hole in a template or a script would run
    "text as markup": "document.body.innerHTML = '<img src=x onerror=\"window.hit = 1\">'",
    "text before an element": "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
    "writing a document": "document.write('<script>window.hit = 1</script>')",
    "a parsed document": "new DOMParser().parseFromString('<b>x</b>', 'text/html')",
    "a policy of one's own": "trustedTypes.createPolicy('evil', {createHTML: (text) => text})",
    "the policy of htmx again": "trustedTypes.createPolicy('htmx', {createHTML: (text) => text})",
    "code from text": "eval('window.hit = 1')",
    "a function from text": "new Function('window.hit = 1')()",
    "a timer from text": "setTimeout('window.hit = 1', 0)",
    "the address of a script": "document.createElement('script').src = '/static/app.js'",
    "the text of a script": "document.createElement('script').text = 'window.hit = 1'",
}


def stopped(page: Page) -> list[str]:
    return list(page.evaluate("window.stopped"))


@pytest.mark.parametrize("who", WALKS, ids=lambda who: who.partition("@")[0])
def test_our_pages_live_under_it(walker: Walker, who: str) -> None:
    """htmx, Tabler and ours: whole pages and parts, menus, dialogs, pickers, with require-trusted-types-for on."""
    walker.expected = {404, 422}
    page = walker.page(who)
    page.add_init_script(WATCH)
    for path in WALKS[who]:
        answer = page.goto(path)
        assert answer is not None and "require-trusted-types-for 'script'" in answer.headers["content-security-policy"]
        arrived(page)
        assert stopped(page) == [], path


def test_parts_that_htmx_swaps_live_under_it(walker: Walker) -> None:
    page = walker.page(ANN)
    page.add_init_script(WATCH)
    open_lead(page)
    page.locator("[hx-get]").first.click()
    page.locator("form[hx-post]").first.wait_for()
    assert stopped(page) == []


def test_what_an_attacker_would_do_is_stopped(walker: Walker) -> None:
    page = walker.page()
    page.add_init_script(WATCH)
    for name, attack in ATTACKS.items():
        page.goto("/auth/sign-in")
        tried = f"() => {{ try {{ {attack}; done('done') }} catch (error) {{ done(error.name) }} }}"
        # Later, as code of the page: what the debugger itself evaluates may do more than the policy allows.
        said = page.evaluate(f"() => new Promise((done) => setTimeout({tried}, 0))")
        page.wait_for_timeout(200)
        assert said != "done" or stopped(page), name
        assert page.evaluate("window.hit") is None, name
    walker.complaints.clear()  # the browser says that it stopped something, as it should


MARKUP = ["<script>window.hit = 1</script>", "<img src=x onerror='window.hit = 1'>",
          "<script src='/static/app.js'></script>", "<base href='https://evil.example/'>",
          "<style>body{display:none}</style>", "<b style='display:none'>x</b>", "<iframe src='/healthz'></iframe>",
          "<object data='/healthz'></object>", "<img src='https://evil.example/x.png'>"]  # fmt: skip


def test_markup_that_got_into_a_page_does_nothing(walker: Walker) -> None:
    page, planted = walker.page(), list(MARKUP)
    page.add_init_script(WATCH)

    def plant(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</body>", f"{planted[0]}</body>"))

    page.route("**/auth/sign-in", plant)
    while planted:
        page.goto("/auth/sign-in")
        page.wait_for_timeout(300)
        assert stopped(page), planted[0]
        assert page.evaluate("window.hit") is None, planted[0]
        assert page.evaluate("document.baseURI").startswith(walker.product.base_url), planted[0]
        del planted[0]
    walker.complaints.clear()


@pytest.mark.asvs("V3.4.6")
def test_no_page_of_ours_can_be_framed(walker: Walker) -> None:
    page = walker.page(MEG)
    page.route("https://evil.example/**", lambda route: route.fulfill(
        content_type="text/html", body=f"<iframe src='{walker.product.base_url}/leads/'></iframe>"))  # fmt: skip
    page.goto("https://evil.example/")
    page.wait_for_timeout(500)
    framed = page.frames[1]
    assert "leadcrm" not in framed.content() and framed.url.startswith("chrome-error:")
    walker.complaints.clear()


def test_what_was_stopped_is_reported(walker: Walker) -> None:
    page = walker.page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if "/reports" in request.url else None)
    page.goto("/auth/sign-in")
    policy = page.goto("/auth/sign-in")
    assert policy is not None
    assert policy.headers["reporting-endpoints"] == 'reports="/reports"'
    assert "report-to reports" in policy.headers["content-security-policy"]
    status = page.evaluate(
        "body => fetch('/reports', {method: 'POST', body, headers: {'Content-Type': 'application/reports+json'}})"
        ".then(answer => answer.status)",
        json.dumps([{"type": "csp-violation", "body": {"effectiveDirective": "img-src"}}]),
    )
    assert status == 204
