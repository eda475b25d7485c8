"""One running product a test run, one Chromium for all walks of a process, one walker a test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.product import Product, Share
from tests.browser.walker import Walker
from tests.chromium import CHROMIUM, chromium_or_skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marked here, so that no file of walks can forget it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    chromium_or_skip()
    share = Share(Path(os.environ["TESTS_INSTANCE"]) / "browser")
    yield share.take()
    screen = share.give_back()
    assert "Traceback" not in screen, screen


@pytest.fixture
def chromium(product: Product) -> Browser:
    return CHROMIUM.take()


@pytest.fixture
def walker(chromium: Browser, product: Product) -> Iterator[Walker]:
    walking = Walker(chromium, product)
    yield walking
    walking.close()
