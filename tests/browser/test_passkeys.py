"""Passkeys in a real browser, with a virtual authenticator: the first factor, signing in, step-up."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.downloading import keep
from tests.browser.speech import say
from tests.browser.walker import ENOUGH, TON, Walker, choose_password, invite, press
from tests.browser.ways import ways

CODE = re.compile(r"^(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}$")
DEVICE: dict[str, Any] = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def with_authenticator(page: Page) -> None:
    """A device that says yes by itself."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def sign_out(page: Page) -> None:
    page.locator(".top details.menu > summary").last.click()
    press(page, "Sign out")
    page.wait_for_url("**/auth/sign-in")


def give_password(page: Page, email: str) -> None:
    page.fill("[name=email]", email)
    page.fill("[name=password]", ENOUGH)
    page.locator("main .btn-primary").click()
    page.wait_for_url("**/auth/second-factor**")


def codes_on(page: Page) -> list[str]:
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    return page.locator(".recovery-codes li").all_inner_texts()


@ways("width", (390,), again=[(1440,)])
def test_a_colleague_with_a_passkey(walker: Walker, width: int) -> None:
    email = f"passkey{width}@zuidwestadvies.example.nl"
    page = walker.page(width=width)
    with_authenticator(page)
    page.goto(invite(walker, walker.page(TON), "Nieuwe Sleutel", email))
    choose_password(page, email)

    press(page, "Use a passkey instead")  # the first factor, half signed in
    expect(page.locator("h1")).to_have_text(say("nl", "Today"))
    press(page, "Make recovery codes")
    codes = codes_on(page)
    assert len(set(codes)) == 10 and all(CODE.match(code) for code in codes)
    saved = keep(page, page.get_by_role("button", name=say("nl", "Download"), exact=True)).path().read_text()
    assert all(code in saved for code in codes)
    press(page, "I have kept them", role="link")
    expect(page.locator("#passkeys .factor")).to_have_count(1)

    sign_out(page)
    give_password(page, email)
    press(page, "Sign in with a passkey")
    expect(page.locator("h1")).to_have_text(say("nl", "Today"))

    sign_out(page)
    give_password(page, email)
    press(page, "Use a recovery code", role="link")
    page.fill("[name=recovery_code]", codes[0].lower())
    press(page, "Sign in")
    expect(page.locator("[data-toast]")).to_contain_text("9")
    page.goto("/auth/account/security")
    press(page, "Make a new set")
    page.locator("dialog").get_by_role("button", name=re.compile("^(Ja|Yes|Doorgaan|OK)")).click()
    expect(page.locator("h1")).to_have_text(say("nl", "Please confirm that it is you"))
    press(page, "Confirm with a passkey")  # a recovery code got in and no further; the passkey does, and goes on
    assert not set(codes_on(page)) & set(codes)


def test_a_window_on_top_of_a_page(walker: Walker) -> None:
    """Asked in the middle of a page: what stands in it stays, and its form is sent once more."""
    email = "venster@zuidwestadvies.example.nl"
    page = walker.page()
    with_authenticator(page)
    page.goto(invite(walker, walker.page(TON), "Venster Sleutel", email))
    choose_password(page, email)
    press(page, "Use a passkey instead")
    press(page, "Make recovery codes")
    codes = codes_on(page)
    page.goto("/leads/")
    sign_out(page)
    give_password(page, email)
    press(page, "Use a recovery code", role="link")
    page.fill("[name=recovery_code]", codes[0])
    press(page, "Sign in")
    page.goto("/auth/account/security")
    page.evaluate("""() => {
        const form = document.querySelector("#recovery form");
        form.removeAttribute("data-confirm");
        form.setAttribute("hx-post", form.action);
        form.setAttribute("hx-target", "#recovery");
        htmx.process(form);
    }""")
    page.locator("#recovery form button").click()
    window = page.locator("#step-up-dialog")
    expect(window).to_be_visible()
    assert page.locator("h1").first.inner_text() == say("nl", "Security")
    window.get_by_role("button", name=say("nl", "Cancel")).click()
    expect(window).to_have_count(0)
    page.locator("#recovery form button").click()
    window.get_by_role("button", name=say("nl", "Confirm with a passkey")).click()
    expect(page.locator("#recovery .recovery-codes li")).to_have_count(10)
    expect(window).to_have_count(0)
