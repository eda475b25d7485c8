"""News: who may tell whom, what each reads, and how it leaves by mail."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask_babel import lazy_gettext
from sqlalchemy import select

from leadcrm.core.db import PLATFORM_ID, session
from leadcrm.core.scope import NOBODY, Everything, viewing_as
from leadcrm.notifications.models import News, Rhythm, Zone
from leadcrm.notifications.services import mailing
from leadcrm.notifications.services.kinds import UnknownKind
from leadcrm.notifications.services.mailing import is_due
from leadcrm.notifications.services.telling import tell
from tests.people import ADA, ANN, BOB, EVE, HOME, IVO, MEG, Person
from tests.world import Browser, viewer_of

ClientAs = Callable[[Person], Browser]
TEXT = lazy_gettext("%(num)s notification read.", num="<b>")


def told(app: Flask, by: Any, to: Person, kind: str = "test.quiet", about: str = "", url: str = "/leads/") -> None:
    with app.app_context(), viewing_as(by):
        tell(kind, to.id, TEXT, url, about=about)
        session.commit()


def count(query: Any, person: Person) -> int:
    return int(query("SELECT count(*) FROM notifications_news WHERE user_id = %s", person.id)[0][0])


def test_a_colleague_is_told_in_both_languages(app: Flask, query: Any) -> None:
    told(app, viewer_of(MEG), ANN)
    row = query("SELECT company_id, user_id, nl, en, waits_for FROM notifications_news")
    assert row == [(HOME, ANN.id, "<b> melding gelezen.", "<b> notification read.", None)]


@pytest.mark.parametrize(("by", "to", "arrives"), [
    (ANN, EVE, 0), (ANN, ADA, 0), (MEG, EVE, 0), (EVE, ANN, 0),  # nobody of another company
    (ANN, ANN, 0), (ADA, ANN, 1), (IVO, ANN, 1),
])  # fmt: skip
def test_who_may_tell_whom(app: Flask, query: Any, by: Person, to: Person, arrives: int) -> None:
    told(app, viewer_of(by), to)
    assert count(query, to) == arrives


def test_before_there_is_a_viewer_and_in_jobs(app: Flask, worker_app: Flask, query: Any) -> None:
    told(app, NOBODY, ANN)
    told(worker_app, Everything("a job of the tests"), BOB)
    assert count(query, ANN) == count(query, BOB) == 1


def test_who_is_disabled_is_not_told(app: Flask, query: Any) -> None:
    query("UPDATE auth_user SET active = false WHERE id = %s", BOB.id)
    told(app, viewer_of(MEG), BOB)
    assert count(query, BOB) == 0


def test_the_same_matter_is_counted_until_it_is_read(app: Flask, client_as: ClientAs, query: Any) -> None:
    for _time in range(3):
        told(app, viewer_of(MEG), ANN, about="lead 1")
    told(app, viewer_of(MEG), ANN, about="lead 2")
    told(app, viewer_of(MEG), BOB, about="lead 1")
    assert query("SELECT about, times FROM notifications_news WHERE user_id = %s ORDER BY 1", ANN.id) == [
        ("lead 1", 3), ("lead 2", 1),
    ]  # fmt: skip
    client_as(ANN).send("/notifications/read")
    told(app, viewer_of(MEG), ANN, about="lead 1")
    assert count(query, ANN) == 3 and count(query, BOB) == 1


def test_only_declared_kinds_and_paths_of_ours(app: Flask) -> None:
    with pytest.raises(UnknownKind):
        told(app, viewer_of(MEG), ANN, "test.unheard_of")
    for url in ("https://elsewhere.example", "//elsewhere.example"):
        with pytest.raises(ValueError, match="no path of ours"):
            told(app, viewer_of(MEG), ANN, url=url)


def test_nobody_reads_anybody_elses(app: Flask, client_as: ClientAs, query: Any) -> None:
    told(app, viewer_of(MEG), ANN)
    (ident,) = query("SELECT id FROM notifications_news")[0]
    for other in (BOB, MEG, EVE, ADA, IVO):
        with app.app_context(), viewing_as(viewer_of(other)):
            assert session.scalars(select(News)).all() == []
        client = client_as(other)
        assert "<b>" not in client.get("/notifications/").text
        assert client.send(f"/notifications/{ident}/read").status_code == 404
        client.send("/notifications/read")
    assert query("SELECT read_at FROM notifications_news") == [(None,)]


def bell_of(page: str) -> str:
    return page.partition("Meldingen, ongelezen: ")[2].partition("<")[0]


def test_the_bell_the_page_and_reading(app: Flask, client_as: ClientAs, query: Any) -> None:
    client = client_as(ANN)
    empty = client.get("/notifications/").text
    assert "Nog geen meldingen" in empty and bell_of(empty) == "0"
    for number in range(60):
        told(app, viewer_of(MEG), ANN, about=str(number))
    first = client.get("/notifications/").text
    assert bell_of(first) == "60" and first.count("&lt;b&gt; melding gelezen.</button>") == 50
    older = first.partition('id="page-older"')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert client.get(older).text.count("melding gelezen.</button>") == 10
    (ident,) = query("SELECT id FROM notifications_news ORDER BY at DESC LIMIT 1")[0]
    assert client.send(f"/notifications/{ident}/read").location == "/leads/"
    assert bell_of(client.get("/notifications/").text) == "59"
    assert client.get("/notifications/?show=unread").text.count("gelezen.</button>") == 50
    client.send(f"/notifications/{ident}/unread")
    assert bell_of(client.get("/notifications/").text) == "60"
    assert "60 meldingen gelezen." in client.send("/notifications/read", follow_redirects=True).text
    assert "Alles is gelezen" in client.get("/notifications/?show=unread").text


def test_the_bell_counts_what_stands_elsewhere(app: Flask, client_as: ClientAs, query: Any) -> None:
    query("INSERT INTO core_notice (company_id, id, at, kind, about, nl, en, url, times) "
          "VALUES (%s, gen_random_uuid(), now(), 'test', '', 'x', 'x', '', 1)", HOME)  # fmt: skip
    told(app, viewer_of(ANN), MEG)
    page = client_as(MEG).get("/notifications/").text
    assert bell_of(page) == "2" and "/admin/alerts" in page
    page = client_as(ANN).get("/notifications/").text
    assert bell_of(page) == "0" and "/admin/alerts" not in page


WISHED = {"test.quiet": "never", "test.loud": "digest", "hour": "7", "zone": "America/Curacao"}


def test_the_choices(app: Flask, client_as: ClientAs, query: Any) -> None:
    client = client_as(ANN)
    assert "test.hidden" not in client.get("/notifications/choices").text
    assert "test.hidden" in client_as(MEG).get("/notifications/choices").text
    assert client.send("/notifications/choices", WISHED).status_code == 303
    told(app, viewer_of(MEG), ANN, "test.quiet")
    told(app, viewer_of(MEG), ANN, "test.loud")
    assert query("SELECT kind, waits_for FROM notifications_news") == [("test.loud", "digest")]
    client.send("/notifications/choices", WISHED | {"test.quiet": "app", "test.loud": "nonsense"})
    assert query("SELECT kind, way FROM notifications_wish") == [("test.loud", "digest")]  # as usual needs no row


def test_a_refused_hour_keeps_what_was_chosen(client_as: ClientAs, query: Any) -> None:
    answer = client_as(ANN).send("/notifications/choices", WISHED | {"hour": "25"})
    assert answer.status_code == 422 and 'value="25"' in answer.text
    assert 'name="test.quiet" value="never" checked' in answer.text
    assert query("SELECT 1 FROM notifications_wish") == []


def mails(query: Any) -> list[tuple[Any, ...]]:
    return list(query("SELECT recipient, subject, body FROM core_outbox ORDER BY recipient"))


def test_mail_at_once_gathers_what_came_together(app: Flask, worker_app: Flask, query: Any) -> None:
    told(app, viewer_of(MEG), ANN, "test.loud", url="/leads/?q=1")
    told(app, viewer_of(MEG), BOB, "test.loud")
    told(app, viewer_of(MEG), BOB, "test.loud")
    query("INSERT INTO auth_preference (company_id, id, language, theme, rows_per_page, columns) "
          "VALUES (%s, %s, 'en', 'auto', 25, '{}')", HOME, BOB.id)  # fmt: skip
    assert len(query("SELECT 1 FROM procrastinate.procrastinate_jobs WHERE task_name LIKE '%%mail_waiting'")) == 1
    for expected in (2, 0):
        with worker_app.app_context(), viewing_as(Everything("test")):
            assert mailing.mail_at_once() == expected
            session.commit()
    (ann, her_subject, her_mail), (bob, his_subject, _mail) = mails(query)
    assert (ann, her_subject) == (ANN.email, "leadcrm: <b> melding gelezen.") and "/leads/?q=1" in her_mail
    assert (bob, his_subject) == (BOB.email, "leadcrm: 2 notifications")


@pytest.mark.parametrize(("zone", "hour", "last", "due"), [
    (Zone.AMSTERDAM, 8, None, True), (Zone.AMSTERDAM, 9, None, False), (Zone.CURACAO, 8, None, False),
    (Zone.JAKARTA, 14, None, True), (Zone.AMSTERDAM, 8, "today", False),
])  # fmt: skip
def test_the_hour_is_that_of_where_the_reader_is(zone: Zone, hour: int, last: str | None, due: bool) -> None:
    moment = datetime(2026, 7, 1, 6, 30, tzinfo=UTC)  # 8:30 in Amsterdam, 2:30 on Curaçao, 13:30 … 14:30 further east
    rhythm = Rhythm(user_id=UUID(int=1), hour=hour if zone != Zone.JAKARTA else 13, zone=zone)
    rhythm.digest_on = moment.date() if last else None
    assert is_due(rhythm, moment) is due


def test_the_daily_mail_comes_once_with_what_is_unread(
    app: Flask, worker_app: Flask, client_as: ClientAs, query: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in (ANN, BOB):
        client_as(who).send("/notifications/choices", {"test.quiet": "digest", "hour": "0", "zone": "Europe/Amsterdam"})
    told(app, viewer_of(MEG), ANN, about="read")
    client_as(ANN).send("/notifications/read")
    told(app, viewer_of(MEG), ANN, about="unread")
    for expected in (1, 0):
        with worker_app.app_context(), viewing_as(Everything("test")):
            assert mailing.mail_digests() == expected
            session.commit()
        told(app, viewer_of(MEG), ANN, about="later")  # waits for tomorrow
    (mail,) = mails(query)
    assert mail[0] == ANN.email and mail[1] == "leadcrm: <b> melding gelezen."
    assert query("SELECT count(*) FROM notifications_news WHERE waits_for = 'digest'") == [(1,)]


def test_an_auditor_reads_their_own_although_they_change_nothing(
    app: Flask, client_as: ClientAs, query: Any
) -> None:
    told(app, viewer_of(MEG), IVO)
    client_as(IVO).send("/notifications/read")
    assert query("SELECT read_at IS NOT NULL FROM notifications_news") == [(True,)]


def test_platform_people_have_theirs(app: Flask, worker_app: Flask, query: Any) -> None:
    told(worker_app, Everything("a job of the tests"), ADA)
    assert query("SELECT company_id FROM notifications_news") == [(PLATFORM_ID,)]
