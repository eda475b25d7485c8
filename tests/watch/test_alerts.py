"""The bell counts, before there is a viewer, what each then sees."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask

from leadcrm.core import notices
from leadcrm.core.db import PLATFORM_ID, now, session
from leadcrm.core.scope import viewing_as
from tests.auth.conftest import Query
from tests.people import ADA, ELSEWHERE, HOME, MEG, PEOPLE, Person
from tests.world import viewer_of

KEPT_DAYS = notices.SHOWN_DAYS


@pytest.fixture
def told(query: Query) -> None:
    """Of both offices and the platform; old ones; and of Meg's and Ada's some that they have read, one of them both."""

    def add(*companies: object, days: float = 1) -> Iterable[object]:
        for company in companies:
            ident, at = uuid4(), now() - timedelta(days=days)
            query("INSERT INTO core_notice (company_id, id, at, kind, about, nl, en, url, times) "
                  "VALUES (%s, %s, %s, 'test', '', 'x', 'x', '', 1)", company, ident, at)  # fmt: skip
            yield ident

    def read(person: Person, *ids: object) -> None:
        for ident in ids:
            query("INSERT INTO core_notice_seen (company_id, id, user_id, notice_id) VALUES (%s, %s, %s, %s)",
                  person.company_id, uuid4(), person.id, ident)  # fmt: skip

    mine, _ours, both, _theirs, platform = add(HOME, HOME, HOME, ELSEWHERE, PLATFORM_ID)
    list(add(HOME, ELSEWHERE, days=KEPT_DAYS + 0.1))
    list(add(HOME, days=KEPT_DAYS - 0.1))
    read(MEG, mine, both)
    read(ADA, both, platform)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: who.name)
def test_as_many_are_counted_as_are_seen(app: Flask, query: Query, who: Person) -> None:
    [(counted,)] = query("SELECT core_notices_unread(%s, %s, %s, %s)", who.company_id, who.id, who.role, KEPT_DAYS)
    with app.app_context(), viewing_as(viewer_of(who)):
        assert counted == len(session.scalars(notices.unread()).all())
    assert counted == {MEG: 2, ADA: 4}.get(who, 0)


def test_no_more_are_counted_than_the_bell_tells(query: Query) -> None:
    query(
        "INSERT INTO core_notice (company_id, id, at, kind, about, nl, en, url, times) "
        "SELECT %s, gen_random_uuid(), now(), 'test', '', 'x', 'x', '', 1 FROM generate_series(1, 150)", HOME,
    )  # fmt: skip
    [(counted,)] = query("SELECT core_notices_unread(%s, %s, %s, %s)", HOME, MEG.id, MEG.role, KEPT_DAYS)
    assert counted == 100
