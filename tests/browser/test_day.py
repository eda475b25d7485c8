"""A whole day, in Dutch, at a desk and on a telephone: a lead arrives by itself, is distributed, called, noted,
planned, moved, merged and exported; the manager reads the figures."""

import re
from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.downloading import text_of
from tests.browser.walker import MEG, WORKER_MS, WOUTER, Walker, arrived, follow, look_over, press
from tests.browser.ways import ways

DESK = (1440, WOUTER, "9700-9799", "Dagelijks", "06 21 43 65 87")
TELEPHONE = (390, WOUTER, "9700-9799", "Mobielstra", "06 43 21 87 65")


@ways("width, agent, region, name, phone", DESK, again=[TELEPHONE])
def test_a_day(walker: Walker, width: int, agent: str, region: str, name: str, phone: str) -> None:
    walker.expected = {404, 422}
    manager, adviser = walker.page(MEG, width), walker.page(agent, width)
    _takes_part(manager, walker.product.accounts[agent]["name"], region)
    _arrives(walker, manager, name, phone, f"{region[:4]} AB")
    _takes_up(adviser, name)
    address = adviser.url
    _calls(adviser)
    _notes(adviser)
    _plans(adviser)
    _moves(adviser, name)
    _merges(adviser, name, phone, address)
    _exports(walker, manager, name)
    _reads_figures(manager)


def _takes_part(page: Page, agent: str, region: str) -> None:
    """The manager says when this agent works, where, and in which language: the only one, also while others work."""
    page.goto("/distribution/agents")
    page.get_by_role("link", name=agent, exact=True).click()
    for day in range(7):
        page.fill(f"#begins-{day}", "0:00")
        page.fill(f"#ends-{day}", "23:59")
    page.fill("[name=per_day]", "500")
    page.fill("[name=open_most]", "")
    page.fill("[name=regions]", region)
    page.get_by_role("checkbox", name="Pools", exact=True).check()
    page.locator("main form .btn-primary").first.click()
    page.locator("[data-toast]").first.wait_for()


def _arrives(walker: Walker, page: Page, name: str, phone: str, postcode: str) -> None:
    """The manager gives a supplier a key, with which a lead comes in."""
    page.goto("/intake/sources")
    page.locator(".list-table tbody a.row-name").first.click()
    page.fill("main [name=name]", f"Website van {name}")
    press(page, "Make a key")
    walker.prove(page, MEG, "#secret")
    key = page.locator("#secret [data-copy-text]").first.inner_text()
    address = page.get_by_text(re.compile(r"^https://\S+/intake/[\w-]+$")).first.inner_text()
    applicant = {"birth_name": name, "phone": phone, "email": f"{name.lower()}@voorbeeld.example", "postcode": postcode}
    lead = {f"applicant.{field}": value for field, value in applicant.items()} | {
        "lead.goal": "purchase_existing", "lead.language": "pl",
    }
    answer = page.request.post(address, headers={"Authorization": f"Bearer {key}"}, data=lead)
    assert answer.status == 202, answer.text()


def _takes_up(page: Page, name: str) -> None:
    """The rules gave it to the one who works there; she finds it among what is new."""
    for _time in range(30):
        page.goto("/today")
        fresh = page.locator("#fresh").get_by_role("link", name=name)
        if fresh.count():
            break
        page.wait_for_timeout(WORKER_MS / 30)
    fresh.first.click()
    page.locator("#distribution").get_by_role("button", name="Oppakken").click()
    expect(page.locator("#distribution")).to_contain_text("opgepakt")
    assert look_over(page, "nl") == []


def _calls(page: Page) -> None:
    page.get_by_role("link", name="Gesprek vastleggen").click()
    page.get_by_label("Gesproken", exact=True).check()
    page.fill("#call-note", "Wil graag een huis in de buurt kopen.")
    press(page, "Save call")
    expect(page.locator("#timeline")).to_contain_text("Wil graag een huis in de buurt kopen.")


def _notes(page: Page) -> None:
    page.fill("#note", "Stuurt loonstroken na.")
    press(page, "Save note")
    expect(page.locator("#timeline .timeline")).to_contain_text("Stuurt loonstroken na.")


def _plans(page: Page) -> None:
    """Some week at a quarter past ten; the stage and the calendar know of it."""
    day = datetime.now() + timedelta(days=7 + int(datetime.now().timestamp()) % 300)
    page.locator("#followup-aside").get_by_role("link", name="Afspraak", exact=True).click()
    form = page.locator("#lead-form")
    form.locator("[name=about]").fill("Kennismaking op kantoor")
    form.locator("[name=starts_at]").fill(f"{day:%d-%m-%Y} 10:15")
    form.locator("[name=ends_at]").fill(f"{day:%d-%m-%Y} 12:00")
    press(page, "Save appointment")
    expect(page.locator("#followup-aside")).to_contain_text("Kennismaking op kantoor")
    assert look_over(page, "nl") == []
    lead = page.url
    page.goto(f"/calendar?day={day:%Y-%m-%d}")
    expect(page.locator(".cal-block", has_text="Kennismaking op kantoor")).to_be_visible()
    if page.locator("nav.bar").is_hidden():  # on a telephone a week is a list
        assert _stands(page, "Kennismaking op kantoor") == [10.25, 12]
    page.goto(lead)


def _stands(page: Page, about: str) -> list[float]:
    """From which hour to which something is drawn in the week, to a sixteenth."""
    first = page.locator(".cal-hours > li").first
    found = (page.locator(".cal-block", has_text=about), first, page.locator(".cal-grid").first)
    box, hour, grid = (each.bounding_box() or {} for each in found)
    above, opens = box["y"] - grid["y"], int(first.inner_text()[:2])
    return [round((opens + each / hour["height"]) * 16) / 16 for each in (above, above + box["height"])]


def _moves(page: Page, name: str) -> None:
    """On the board, by the menu of the card."""
    here = page.locator("#lead-head [aria-current=step]").inner_text()
    page.goto("/pipelines/board")
    if page.locator("#board-goto").is_visible():
        page.locator("#board-goto").select_option(label=here)
    column = page.locator("[data-step]").filter(has=page.get_by_role("heading", name=here, exact=True))
    column.locator("[data-total]:not(:empty)").wait_for()
    arrived(page)
    card = column.locator("[data-card]").filter(has_text=name).first
    card.locator("[data-move]").click()
    page.locator("#steps-dialog").get_by_role("button", name="Afspraak geweest", exact=True).first.click()
    expect(page.locator("#notices")).to_contain_text("staat nu in “Afspraak geweest”")
    assert look_over(page, "nl") == []


def _merges(page: Page, name: str, phone: str, address: str) -> None:
    """She calls again and is taken down as somebody new; the form warns, and the two become one."""
    page.goto("/leads/new")
    page.fill("[name=birth_name]", name)
    page.fill("[name=phone]", phone)
    page.locator("[name=phone]").blur()
    expect(page.locator(".form-panel")).to_contain_text("zelfde telefoonnummer")
    page.locator("[name=goal]").select_option(label="Aankoop bestaande bouw", force=True)
    press(page, "Save lead")
    press(page, "Save anyway")
    page.locator("#duplicates").get_by_role("link", name="Vergelijken").first.click()
    follow(page.get_by_role("link", name="De andere behouden"))
    assert look_over(page, "nl") == []
    press(page, "Merge these leads")
    expect(page).to_have_url(address)
    expect(page.locator("#timeline")).to_contain_text("Samengevoegd met")
    expect(page.locator("#timeline")).to_contain_text("Stuurt loonstroken na.")


def _exports(walker: Walker, page: Page, name: str) -> None:
    """The manager takes the list along; agents may only when their company lets them."""
    page.goto(f"/leads/?q={name}")
    page.locator("input[data-choose]").first.check()
    page.locator("[data-bulk]").get_by_role("button", name="Exporteren", exact=True).click()
    walker.prove(page, MEG, "[name=form][value=csv]")
    page.check("[name=form][value=csv]")
    page.locator("main form [type=submit]").click()
    expect(page.locator("main")).to_contain_text("Uw bestand is klaar", timeout=WORKER_MS)
    assert name in text_of(page, "Download")


def _reads_figures(page: Page) -> None:
    page.goto("/figures/?span=year")
    press(page, "Refresh")
    reached = page.locator("#figure-funnel tbody tr").first.locator("a").first
    number = reached.inner_text()
    assert look_over(page, "nl") == []
    reached.click()
    expect(page.locator("#leads output").first).to_have_text(number)
