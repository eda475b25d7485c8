"""Who must have a second step: everybody, but agents of a company that opted out; that is written down and told."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from leadcrm.auth.services.factors import unfinished
from leadcrm.core.db import session
from leadcrm.core.scope import Everything, viewing_as
from tests.auth.accounts import Enrolled, give_code, give_password, is_in
from tests.auth.conftest import Query
from tests.people import ADA, ANN, HOME, MEG, PASSWORD, PEOPLE, Person
from tests.world import Browser

ClientAs = Callable[[Person], Browser]


@pytest.fixture
def opted_out(query: Query, app: Flask) -> Iterator[None]:
    query("UPDATE auth_company SET totp_required = false")
    yield
    query("UPDATE auth_company SET totp_required = true")


@pytest.mark.asvs("V6.3.3")
@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_everybody_is_asked_by_default(enrolled: Enrolled, stranger: Browser, person: Person) -> None:
    enrolled(person, factor=False)
    assert give_password(stranger, person.email).location == "/auth/enrol"
    assert not is_in(stranger)


@pytest.mark.usefixtures("opted_out")
@pytest.mark.parametrize(
    ("person", "asked"), [(person, person.role != "agent") for person in PEOPLE], ids=lambda value: str(value)[:20]
)
def test_an_opt_out_is_for_agents_only(enrolled: Enrolled, stranger: Browser, person: Person, asked: bool) -> None:
    enrolled(person, factor=False)
    give_password(stranger, person.email)
    assert is_in(stranger) is not asked


@pytest.mark.usefixtures("opted_out")
def test_who_becomes_a_manager_must_have_one_from_then_on(enrolled: Enrolled, stranger: Browser, query: Query) -> None:
    enrolled(ANN, factor=False)
    query("UPDATE auth_user SET role = 'companymanager' WHERE id = %s", ANN.id)
    try:
        assert give_password(stranger, ANN.email).location == "/auth/enrol"
    finally:
        query("UPDATE auth_user SET role = 'agent' WHERE id = %s", ANN.id)


@pytest.mark.usefixtures("opted_out")
def test_a_manager_never_removes_the_last_one(enrolled: Enrolled, client_as: ClientAs, query: Query) -> None:
    enrolled(MEG)
    client_as(MEG).send("/auth/account/security/app/remove")
    assert query("SELECT totp_confirmed_at IS NULL FROM auth_secret") == [(False,)]
    enrolled(ANN)
    client_as(ANN).send("/auth/account/security/app/remove")
    assert query("SELECT totp_confirmed_at IS NULL FROM auth_secret WHERE id = %s", ANN.id) == [(True,)]


def test_opting_out_is_written_down_and_told(client_as: ClientAs, query: Query) -> None:
    try:
        answer = client_as(ADA).send(f"/admin/companies/{HOME}", {"name": "De Hypotheekhoek", "totp_required": "no",
                                                                  "active": "yes"})  # fmt: skip
        assert answer.status_code == 303
        assert query("SELECT totp_required FROM auth_company WHERE id = %s", HOME) == [(False,)]
        [(body,)] = query("SELECT body FROM core_audit_line WHERE subject = 'auth_company'")
        assert "totp_required" in body and str(HOME) in body
        assert query("SELECT kind, company_id FROM core_notice") == [("second_step_off", HOME)]
    finally:
        query("UPDATE auth_company SET totp_required = true WHERE id = %s", HOME)


def pass_time(query: Query, minutes: float) -> None:
    query("UPDATE auth_pending SET began_at = began_at - make_interval(secs => %s)", minutes * 60)


def report(worker_app: Flask) -> None:
    with worker_app.app_context(), viewing_as(Everything("a test")):
        unfinished.report_unfinished()
        session.commit()


def test_a_right_password_without_a_second_step_is_an_alarm(
    worker_app: Flask, enrolled: Enrolled, stranger: Browser, query: Query
) -> None:
    enrolled(ANN)
    agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"}
    form = {"csrf_token": stranger.csrf_token(), "email": ANN.email, "password": PASSWORD}
    stranger.post("/auth/sign-in", data=form, headers=agent | {"Origin": "https://localhost"})
    pass_time(query, 2.9)
    report(worker_app)
    assert query("SELECT 1 FROM auth_failed_login") == []
    pass_time(query, 0.2)
    report(worker_app)
    report(worker_app)
    [(reason, user, address, device)] = query("SELECT reason, user_id, address, user_agent FROM auth_failed_login")
    assert (reason, user, address) == ("incomplete", ANN.id, "127.0.0.1") and "Firefox" in device
    [(recipient, body, company)] = query("SELECT recipient, body, company_id FROM core_outbox")
    assert (recipient, company) == (ANN.email, HOME) and "127.0.0.1" in body and "Firefox, Windows" in body


def test_stopping_does_not_silence_it(worker_app: Flask, enrolled: Enrolled, stranger: Browser, query: Query) -> None:
    """Whoever knows the password must not be able to leave without a trace."""
    enrolled(ANN)
    give_password(stranger, ANN.email)
    stranger.send("/auth/sign-out")
    pass_time(query, 4)
    report(worker_app)
    assert query("SELECT reason FROM auth_failed_login") == [("incomplete",)]


def test_who_finishes_is_no_alarm_nor_who_began_twice(
    worker_app: Flask, enrolled: Enrolled, stranger: Browser, query: Query
) -> None:
    ann = enrolled(ANN)
    give_password(stranger, ANN.email)
    give_password(stranger, ANN.email)
    give_code(stranger, ann.code())
    assert query("SELECT 1 FROM auth_pending") == []
    pass_time(query, 60)
    report(worker_app)
    assert query("SELECT 1 FROM auth_failed_login") == []


def test_setting_up_for_the_first_time_may_take_half_an_hour(
    worker_app: Flask, enrolled: Enrolled, stranger: Browser, query: Query
) -> None:
    enrolled(ANN, factor=False)
    give_password(stranger, ANN.email)
    pass_time(query, 29)
    report(worker_app)
    assert query("SELECT 1 FROM auth_failed_login") == []
    pass_time(query, 2)
    report(worker_app)
    assert query("SELECT reason FROM auth_failed_login") == [("incomplete",)]


def test_many_at_once_are_one_mail(worker_app: Flask, app: Flask, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN)
    for _each in range(4):
        give_password(Browser(app), ANN.email)
    pass_time(query, 4)
    report(worker_app)
    assert len(query("SELECT 1 FROM auth_failed_login")) == 4
    assert len(query("SELECT 1 FROM core_outbox")) == 1
