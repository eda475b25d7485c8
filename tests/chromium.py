"""The Chromium of this machine, told to talk to nobody but us."""

import os
from pathlib import Path

import pytest

PATHS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser")
MISSING = "there is no Chromium here (apt install chromium): nothing was tried in a browser"
ARGUMENTS = [
    "--no-sandbox",  # root in a container has none
    "--disable-gpu",
    "--disable-gpu-rasterization",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


def chromium_or_skip(paths: tuple[str, ...] = PATHS) -> str:
    """Its path. Without one the tests that need it are skipped; but not in CI, which installs it."""
    found = next((path for path in paths if Path(path).exists()), None)
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)
