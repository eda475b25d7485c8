"""The Chromium of this machine, told to talk to nobody but us."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.patience import PATIENCE_MS

PATHS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser")
MISSING = "there is no Chromium here (apt install chromium): nothing was tried in a browser"
ARGUMENTS = [
    "--no-sandbox",  # root in a container has none
    "--ignore-certificate-errors",  # ours is its own; asked at each connection it gave up now and then
    "--disable-gpu",
    "--disable-gpu-rasterization",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--js-flags=--no-opt,--no-maglev",  # no page lives long enough to earn back what optimising its scripts costs
]

expect.set_options(timeout=PATIENCE_MS)


def chromium_or_skip(paths: tuple[str, ...] = PATHS) -> str:
    """Its path. Without one the tests that need it are skipped; but not in CI, which installs it."""
    found = next((path for path in paths if Path(path).exists()), None)
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


class OneChromium:
    """The same for all tests of a process that follow one another in a browser.

    It is closed before any other test: while Playwright runs, nothing else in the process could use asyncio.
    """

    def __init__(self) -> None:
        self.playwright: Playwright | None = None
        self.browser: Browser | None = None

    def take(self) -> Browser:
        path = chromium_or_skip()
        if self.browser is None or not self.browser.is_connected():
            self.close()
            self.playwright = sync_playwright().start()
            self.browser = self.playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        return self.browser

    def close(self) -> None:
        if self.browser:
            self.browser.close()
        if self.playwright:
            self.playwright.stop()
        self.playwright = self.browser = None


CHROMIUM = OneChromium()
