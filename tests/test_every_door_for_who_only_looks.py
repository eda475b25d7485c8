"""For every address of every plugin: an auditor, and an admin behind broken glass, change nothing."""

from collections.abc import Iterator

import pytest
from flask import Flask

from leadcrm.core.web import Access
from tests.admin.glass import break_glass
from tests.doors import DOORS, Door, knock, names, permission_of
from tests.foreign import Planted, plant
from tests.people import ANN, IVO
from tests.together import together
from tests.world import Browser, forget_what_tests_wrote, sign_in_as

Rows = dict[str, Planted]
MAY_STOP = "admin.stop_glass"  # what is somebody else's does not exist there: tests/admin/test_glass.py


@pytest.fixture(scope="module")
def rows(whole_app: Flask, admin_url: str) -> Iterator[Rows]:
    yield plant(whole_app, admin_url)
    forget_what_tests_wrote(admin_url)


@pytest.fixture(scope="module")
def browsers(whole_app: Flask, rows: Rows, admin_url: str) -> dict[str, Browser]:
    ada, _ident = break_glass(whole_app, admin_url)
    return {"glass": ada, "auditor": sign_in_as(whole_app, IVO, admin_url)}


def is_own(app: Flask, door: Door) -> bool:
    own = permission_of(app, door[0]) in (Access.PUBLIC, Access.SIGNED_IN, "")
    return own or door[0].endpoint == MAY_STOP


@pytest.mark.parametrize("who", ["glass", "auditor"])
def test_changes_nothing(whole_app: Flask, browsers: dict[str, Browser], rows: Rows, who: str) -> None:
    with together() as case:
        for door in (door for door in DOORS if door[1] != "GET" and not is_own(whole_app, door)):
            with case(names(door)):
                answer = knock(browsers[who], door, rows[ANN.name].fill(door[0], door[2]))
                assert answer.status_code in (403, 404)


def test_an_auditor_finds_no_lead_anywhere(browsers: dict[str, Browser], rows: Rows) -> None:
    with together() as case:
        for door in (door for door in DOORS if door[1] == "GET"):
            with case(names(door)):
                answer = knock(browsers["auditor"], door, rows[ANN.name].fill(door[0], door[2]))
                assert answer.status_code < 500
                if door[0].endpoint.startswith(("leads.", "imports.")):
                    assert answer.status_code in (403, 404)
                assert f"Canary {ANN.name}".encode() not in answer.data  # a PDF is no text
