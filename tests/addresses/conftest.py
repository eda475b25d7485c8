"""Lists, straight into the table, and browsers that come from somewhere."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from tests.people import Person
from tests.world import Browser, superuser

OFFICE, HOME_OFFICE, ELSEWHERE = "203.0.113.7", "2001:db8:7::9", "198.51.100.23"
Admit = Callable[..., None]
Reasons = Callable[[], list[tuple[Any, ...]]]


def coming_from(browser: Browser, address: str) -> Browser:
    browser.environ_base["REMOTE_ADDR"] = address
    return browser


@pytest.fixture
def admit(app: Flask, admin_url: str) -> Admit:
    """A range more of a company's list, or of a person's."""

    def add(network: str, company_id: UUID, person: Person | None = None) -> None:
        superuser(admin_url).execute(
            "INSERT INTO addresses_range (company_id, id, user_id, network, label, created_at, updated_at) "
            "VALUES (%s, gen_random_uuid(), %s, %s, '', now(), now())",
            [company_id, person.id if person else None, network],
        )

    return add


@pytest.fixture
def reasons(app: Flask, admin_url: str) -> Reasons:
    """Why, of whom and from where, of every failed login."""

    def read() -> list[tuple[Any, ...]]:
        rows = superuser(admin_url).execute("SELECT reason, account, address FROM auth_failed_login ORDER BY at")
        return rows.fetchall()

    return read
