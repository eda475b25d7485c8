"""People with a browser each: who they are, how they sign in, and what their browsers complained about."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, ViewportSize, expect

from leadcrm.core.assets.build import NODE_MODULES
from leadcrm.core.config import ROOT
from leadcrm.demo.services.offices import CHANNELS
from tests.browser.keys import Seat, take_code, take_seat
from tests.browser.product import Product
from tests.browser.speech import foreign, say
from tests.browser.wearing import left_out
from tests.patience import PATIENCE_MS

DEMO = ROOT / "leadcrm" / "demo" / "services"
WORKER_MS = 180_000  # for what waits until a worker has time
HEIGHTS = {1440: 900, 1024: 768, 390: 844}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable"]  # what colours and width may change
FRAME = ["nav.side", "header.top"]
DATA = {channel.name for channel in CHANNELS} | set(  # words of the office itself, in its own language
    re.findall(r'"([^"\n]+)"', "\n".join(each.read_text() for each in sorted(DEMO.glob("*.py"))))
)
DATA |= set(re.findall(r"[A-Z]\w+", (DEMO / "last_names.py").read_text()))  # Mrs van der Meer is not "Mrs van der More"
SECOND_STEP = "/auth/second-factor"
ENOUGH = "een paard eet geen komkommersalade"
STATUS = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")

# Each walk has people of its own: they go on at the same time, and a code works once in thirty seconds.
# The last office is where things are made; the lists of the others stay as they are.
HOEK, ZUIDWEST, NOORD = "hypotheekhoek.example.nl", "zuidwestadvies.example.nl", "noorderlicht.example.nl"
ANN, BOB, CAROLIEN, DAAN, MEG, WOUTER = (
    f"{name}@{HOEK}" for name in ("ann", "bob", "carolien", "daan", "meg", "wouter")
)  # fmt: skip
EVE, KEES, MARLEEN, SANNE, TON = (f"{name}@{ZUIDWEST}" for name in ("eve", "kees", "marleen", "sanne", "ton"))
JILDOU, HARM, FEMKE, TJEERD = (f"{name}@{NOORD}" for name in ("jildou", "harm", "femke", "tjeerd"))
ADA = "ada@platform.example.nl"
ENGLISH = {EVE, KEES, TON, HARM}


def language_of(who: str | None) -> str:
    return "en" if who in ENGLISH else "nl"


@dataclass
class Walker:
    """Opens browsers for people. What a browser complains of fails the test, unless the test expects that status."""

    chromium: Browser
    product: Product
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    seats: dict[BrowserContext, Seat] = field(default_factory=dict)

    def page(
        self, who: str | None = None, width: int = 1440, theme: Any = "light", *, script: bool = True, axe: bool = False
    ) -> Page:
        """Somebody's browser, signed in; a stranger's without a name. With `axe` it takes the script that inspects."""
        context = self._context(width, theme, script, axe)
        if who:
            self._take_seat(context, who)
        return context.new_page()

    def _context(
        self, width: int = 1440, theme: Any = "light", script: bool = True, axe: bool = False
    ) -> BrowserContext:
        context = self.chromium.new_context(
            base_url=self.product.base_url, viewport=ViewportSize(width=width, height=HEIGHTS[width]),
            color_scheme=theme, locale="nl-NL", ignore_https_errors=True, java_script_enabled=script, bypass_csp=axe,
            accept_downloads=True, reduced_motion="reduce",  # a moving page is painted sixty times a second
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MS)
        if axe:
            context.add_init_script(_axe())  # compiled once a process; given to each page anew it would be each time
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.contexts.append(context)
        return context

    def _console(self, message: ConsoleMessage) -> None:
        status = STATUS.match(message.text)
        expected = status is not None and int(status[1]) in self.expected | {401}  # asked who it is once more
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def close(self) -> None:
        for context in [*self.contexts]:
            self._leave(context)
        assert not self.complaints, "\n".join(self.complaints)

    def leave(self, page: Page) -> None:
        """Close somebody's browser in the middle of a walk: the next one of theirs goes on with its session."""
        self._leave(page.context)

    def _leave(self, context: BrowserContext) -> None:
        self.contexts.remove(context)
        cookies = context.cookies()
        context.close()
        if seat := self.seats.pop(context, None):
            seat.leave(cookies)

    def _take_seat(self, context: BrowserContext, who: str) -> None:
        self.seats[context] = seat = take_seat(self.product.folder, who)
        if known := seat.session():
            context.add_cookies(known)
            return
        self._sign_in(context, who)
        if language_of(who) == "en":
            self._send(context, "/auth/account", "/preferences", language="en")

    def _sign_in(self, context: BrowserContext, who: str) -> None:
        """Without a page, which test_signing_in.py looks at."""
        password = self.product.accounts[who]["password"]
        assert self._send(context, "/auth/sign-in", email=who, password=password), f"{who} has another password"
        assert self._send(context, SECOND_STEP, code=self.code_of(who)), f"the code of {who} was refused"

    def _send(self, context: BrowserContext, path: str, to: str = "", **values: str) -> bool:
        """A form as the page at this path has it; whether it was taken."""
        shown = context.request.get(path).text()
        token = shown.partition('name="csrf_token" value="')[2].partition('"')[0]
        ours = {"Origin": self.product.base_url, "Sec-Fetch-Site": "same-origin"}
        return context.request.post(to or path, form={"csrf_token": token, **values}, headers=ours).ok

    def give_code(self, page: Page, who: str) -> None:
        """The second step."""
        page.fill("[name=code]", self.code_of(who))
        page.locator("main .btn-primary").click()
        page.locator(".top details.menu").first.wait_for()

    def code_of(self, who: str) -> str:
        return take_code(self.product.folder, who, self.product.accounts[who]["totp_secret"])

    def prove(self, page: Page, who: str, then: str) -> None:
        """When the page asks who it is before something grave: a code of somebody.

        `then` is what only the page after it shows; the page before may still stand there.
        """
        asked, after = page.locator("[name=step_up_code]"), page.locator(then).first
        after.or_(asked).first.wait_for()
        if asked.is_visible():
            asked.fill(self.code_of(who))
            page.locator("main form [type=submit]").click()
            after.wait_for()


def open_lead(page: Page, place: int = 0, *, script: bool = True) -> str:
    """The lead at this place of the list; its address. Its panels stand there too: while they come everything moves,
    and a click of which half falls beside its button is lost."""
    page.goto("/leads/")
    leads = page.locator("a.row-name")
    leads.first.wait_for()
    address = leads.nth(place % leads.count()).get_attribute("href") or ""  # how many somebody has is left to chance
    page.goto(address)
    if script:
        arrived(page)
    return address


def invite(walker: Walker, manager: Page, name: str, email: str, by: str = "") -> str:
    """The link with which somebody new chooses a password."""
    manager.goto("/admin/users/new")
    manager.fill("[name=name]", name)
    manager.fill("[name=email]", email)
    manager.select_option("[name=role]", "agent")
    manager.locator("main .btn-primary").click()
    walker.prove(manager, by or TON, "[data-copy-text]")
    return manager.locator("[data-copy-text]").inner_text()


def choose_password(page: Page, email: str) -> None:
    """On the page behind the link; and then sign in with it."""
    page.fill("[name=new_password]", ENOUGH)
    page.fill("[name=new_password_again]", ENOUGH)
    page.locator("main .btn-primary").click()
    page.fill("[name=email]", email)
    page.fill("[name=password]", ENOUGH)
    page.locator("main .btn-primary").click()


def press(page: Page, text: str, language: str = "nl", role: Any = "button", **values: object) -> None:
    page.get_by_role(role, name=say(language, text, **values), exact=True).click()


def follow(link: Locator) -> None:
    """Click a link and wait for its page: right after the click the page before stands there, or half of this one."""
    with link.page.expect_navigation():
        link.click()


def arrived(page: Page) -> None:
    """Wait until what the page fetches for itself stands there: said by htmx, which a lost request does not silence."""
    expect(page.locator("[hx-trigger=load], .htmx-request")).to_have_count(0)


def names(page: Page) -> list[str]:
    return page.locator("a.row-name").all_inner_texts()


_axe = cache((NODE_MODULES / "axe-core" / "axe.min.js").read_text)
SEEN = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const holder = walk.currentNode.parentElement;
    if (!holder.closest("script, style, [lang]:not(html), svg title")) found.push(walk.currentNode.data.trim());
  }
  for (const name of ["aria-label", "title", "placeholder"])
    document.querySelectorAll(`[${name}]`).forEach((element) => found.push(element.getAttribute(name).trim()));
  const classes = [...document.querySelectorAll("[class]")].flatMap((each) => [...each.classList]);
  const wider = document.documentElement.scrollWidth - innerWidth;
  return {wider, lang: document.documentElement.lang, classes: [...new Set(classes)], texts: [...new Set(found)]};
}"""


def inspect(page: Page, language: str, *, rules: list[str] = RULES, frame: bool = True) -> list[str]:
    """What is wrong with a page: what axe finds, in the frame too or only within it, and what look_over() does."""
    where = {"include": ["html"], "exclude": [] if frame else [[part] for part in FRAME]}
    violations = page.evaluate(
        "([where, rules]) => axe.run(where, {runOnly: rules, resultTypes: ['violations']}).then(all => all.violations)",
        [where, rules],
    )
    found = [f"{broken['id']}: {node['html'][:200]}" for broken in violations for node in broken["nodes"][:3]]
    return found + look_over(page, language)


def look_over(page: Page, language: str, **_of_axe: object) -> list[str]:
    """What is wrong with its width, its language or its dress."""
    seen = page.evaluate(SEEN)
    found = [f"{seen['wider']} px wider than the window"] if seen["wider"] > 0 else []
    found += [f"the page says it is {seen['lang']}"] if seen["lang"] != language else []
    found += [f"not in the style sheet: {name}" for name in left_out().intersection(seen["classes"])]
    found += [f"not in this language: {text}" for text in foreign(language).intersection(seen["texts"]) - DATA]
    return sorted(found)
