"""Accounts for the tests of auth; everything else comes from tests/conftest.py."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.auth.accounts import Enrolled, enrol
from tests.world import superuser

Rows = list[tuple[Any, ...]]
Query = Callable[..., Rows]


@pytest.fixture
def enrolled(app: Flask, admin_url: str) -> Enrolled:
    """Gives a person a password and a second factor."""
    return lambda person, **how: enrol(app, admin_url, person, **how)


@pytest.fixture
def query(app: Flask, admin_url: str) -> Query:
    """Behind the walls: SQL as the superuser."""

    def run(statement: str, *values: Any) -> Rows:
        cursor = superuser(admin_url).execute(statement, values)
        return cursor.fetchall() if cursor.description else []

    return run
