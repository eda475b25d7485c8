"""What the demonstration adds to the tests' own world goes again: its companies and people too."""

from collections.abc import Iterator
from datetime import datetime

import psycopg
import pytest

from leadcrm.core.fields.dates import OFFICE
from leadcrm.demo.services.records import Record, begin

EIGHT_O_CLOCK = datetime(2026, 11, 20, 8, 0, tzinfo=OFFICE)


@pytest.fixture(scope="module")
def record() -> Record:
    return begin(60)


@pytest.fixture
def no_demo_left(admin_url: str) -> Iterator[None]:
    yield
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("DELETE FROM auth_user WHERE email LIKE '%.example.nl'")
        admin.execute("DELETE FROM auth_company WHERE slug LIKE 'demo-%'")
