"""Many requests at the same moment: what counts once counts once."""

from typing import Any

import pytest
from flask import Flask
from limits import parse_many
from sqlalchemy import func, select

from leadcrm.collecting.models.link import Arrival, Link
from leadcrm.collecting.services import delivering, visiting
from leadcrm.collecting.services.links import MOST_WRONG
from leadcrm.collecting.views.client import COOKIE
from leadcrm.core.db import session
from tests.auth.races import at_once
from tests.checklists.conftest import As
from tests.collecting.conftest import PDF, Sent, begin, go_on
from tests.people import ANN
from tests.world import Browser

MANY = 12


def copies(app: Flask, inside: Browser, many: int) -> list[Browser]:
    """The same visit in as many browsers."""
    cookie = inside.get_cookie(COOKIE, domain="localhost")
    assert cookie is not None
    made = [Browser(app) for _each in range(many)]
    for browser in made:
        browser.set_cookie(COOKIE, cookie.value, domain="localhost", secure=True)
        browser.csrf_token()
    return made


def counted(as_: As, sent: Sent) -> Any:
    with as_(ANN):
        arrived = select(func.count()).select_from(Arrival).where(Arrival.arrived_at.is_not(None))
        link: Any = session.get(Link, sent.link_id)
        return session.scalar(arrived), link.files, link.begun, link.failures


def test_guesses_at_once_count_one_by_one(
    app: Flask, as_: As, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("CODE_LINK", "CODE_NETWORK"):
        monkeypatch.setattr(visiting, limit, parse_many("1000 per 5 minutes"))
    wrong = [f"{number:06d}" for number in range(2 * MANY) if f"{number:06d}" != sent.code][: 2 * MANY - 1]
    browsers = [Browser(app) for _each in wrong]
    answers = at_once(len(wrong), lambda n: browsers[n].send(f"{sent.page}/code", {"code": wrong[n]}).status_code)
    assert set(answers) == {422}
    assert counted(as_, sent)[3] == MOST_WRONG
    assert Browser(app).send(f"{sent.page}/code", {"code": sent.code}).status_code == 422


def test_the_last_piece_from_many_arrives_once(app: Flask, as_: As, inside: Browser, sent: Sent) -> None:
    begun = begin(inside, sent.page, len(PDF))
    browsers = copies(app, inside, 6)
    answers = at_once(6, lambda n: go_on(browsers[n], begun.location, 0, PDF).status_code)
    assert set(answers) <= {204, 404, 409, 423}, answers
    asked = inside.head(begun.location, headers={"Tus-Resumable": "1.0.0"})
    assert asked.headers["Upload-Offset"] == str(len(PDF))
    assert counted(as_, sent)[:2] == (1, 1)


def test_room_for_three_is_room_for_three(
    app: Flask, as_: As, inside: Browser, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "MOST_FILES", 3)
    browsers = copies(app, inside, 6)
    answers = at_once(6, lambda n: begin(browsers[n], sent.page, 10).status_code)
    assert sorted(answers) == [201] * 3 + [403] * 3
    assert counted(as_, sent)[2] == 3


def test_revoked_in_the_middle_of_a_file(as_: As, inside: Browser, sent: Sent) -> None:
    """What came before is kept nowhere, what comes after is refused."""
    begun = begin(inside, sent.page, len(PDF))
    assert go_on(inside, begun.location, 0, PDF[:100]).status_code == 204
    with as_(ANN):
        link: Any = session.get(Link, sent.link_id)
        link.revoked_at = link.created_at
    assert go_on(inside, begun.location, 100, PDF[100:]).status_code == 404
    assert counted(as_, sent)[:2] == (0, 0)
