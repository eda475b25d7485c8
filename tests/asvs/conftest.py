"""Accounts as tests/auth has them."""

import pytest
from flask import Flask

from tests.auth.accounts import Enrolled, enrol


@pytest.fixture
def enrolled(app: Flask, admin_url: str) -> Enrolled:
    return lambda person, **how: enrol(app, admin_url, person, **how)
