"""Files as a browser keeps them."""

from pathlib import Path

from playwright.sync_api import Download, Locator, Page

from tests.browser.speech import say


def keep(page: Page, link: Locator) -> Download:
    """Presses until the browser has the whole file, three times at most: under load it gives one up now and then."""
    for _attempt in range(3):
        with page.expect_download() as given:
            link.click()
        failure = given.value.failure()
        if failure != "canceled":
            break
    assert failure is None, failure
    return given.value


def text_of(page: Page, words: str, language: str = "nl", encoding: str = "utf-8-sig") -> str:
    """What stands in the file behind the link with these words."""
    link = page.get_by_role("link", name=say(language, words), exact=True)
    return Path(keep(page, link).path()).read_text(encoding)
