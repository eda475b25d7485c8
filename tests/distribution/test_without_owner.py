"""Leads that nobody can take: managers see how many, where, and hear of it once a day."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from leadcrm.core.db import now, session
from leadcrm.distribution.models.claim import Waiting
from leadcrm.distribution.services import without_owner
from leadcrm.leads.models.lead import Lead
from leadcrm.notifications.models import News
from leadcrm.notifications.services import kinds
from tests.distribution.conftest import As, Run
from tests.distribution.factories import a_profile, a_rule, switched_on
from tests.leads.factories import a_lead
from tests.people import ANN, EVE, HOME, MEG
from tests.people import Person as Someone
from tests.world import Browser

ClientAs = Callable[[Someone], Browser]


@pytest.fixture
def full_day(as_: As, run: Run) -> None:
    """Ann takes one a day, and three came in."""
    with as_(MEG):
        switched_on()
        a_rule(agent_ids=[str(ANN.id)])
        a_profile(ANN, per_day=1)
        for number in range(3):
            a_lead({"birth_name": f"Wacht{number}"})
    run("hand_out", HOME)


def told(as_: As, who: Someone) -> list[tuple[str, int, str]]:
    with as_(who):
        rows = session.execute(select(News.nl, News.times, News.url).where(News.kind == without_owner.NEWS))
        return [(row.nl, row.times, row.url) for row in rows]


def test_a_manager_sees_how_many_and_which(as_: As, client_as: ClientAs, full_day: None) -> None:
    page = unescape(client_as(MEG).get("/today").text)
    line = re.search(r'<a href="(/leads/\?waiting=yes)">2 leads wachten op een eigenaar</a>', page)
    assert line
    listed = client_as(MEG).get(line[1]).text
    assert len(set(re.findall(r"Wacht\d", listed))) == 2
    with as_(MEG):
        given = session.scalars(select(Lead.household_name).where(Lead.owner_id == ANN.id)).one()
    assert given not in listed
    assert "Wacht op een eigenaar" in unescape(client_as(MEG).get("/leads/filters").text)


def test_agents_and_others_see_nothing_of_it(client_as: ClientAs, full_day: None) -> None:
    for who in (ANN, EVE):
        assert "wachten op een eigenaar" not in client_as(who).get("/today").text, who.name
    assert "er niet meer is" in client_as(ANN).get("/leads/?waiting=yes").text
    assert "Wacht op een eigenaar" not in client_as(ANN).get("/leads/filters").text


def test_managers_hear_of_it_once_a_day(
    as_: As, run: Run, full_day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _minute in range(3):
        run("every_minute")
    assert told(as_, MEG) == [("2 leads wachten op een eigenaar.", 1, "/leads/?waiting=yes")]
    with as_(MEG):
        session.scalars(select(News).where(News.kind == without_owner.NEWS)).one().read_at = now()
    run("every_minute")
    assert len(told(as_, MEG)) == 1
    monkeypatch.setattr(without_owner, "now", lambda: now() + timedelta(days=1))
    run("every_minute")
    assert len(told(as_, MEG)) == 2 and told(as_, ANN) == []


def test_nobody_hears_when_nothing_waits_or_was_tried(as_: As, run: Run, full_day: None) -> None:
    with as_(MEG):
        for waiting in session.scalars(select(Waiting)):
            waiting.told_at, waiting.retry_at = None, now() + timedelta(days=1)
    run("every_minute")
    assert told(as_, MEG) == []


def test_it_comes_by_mail_only_when_asked_for(as_: As) -> None:
    with as_(MEG):
        assert not kinds.kind_named(without_owner.NEWS).mail
