"""What happens in one web process holds in every other at the next request: no session is kept in memory."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from flask import Flask

from leadcrm.core.config import Config
from leadcrm.core.postgres.urls import Urls
from tests.auth.accounts import ACCOUNT, token_of
from tests.auth.conftest import Query
from tests.auth.processes import ask, web_processes
from tests.people import ADA, ANN, HOME, MEG, Person
from tests.world import Browser

ClientAs = Callable[[Person], Browser]


@pytest.fixture(scope="module")
def ports(
    whole_app: Flask, config: Config, urls: Urls, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sequence[int]]:
    with web_processes(2, config.instance, urls, tmp_path_factory.mktemp("log") / "looked-at") as started:
        yield started


def statuses(ports: Sequence[int], token: str, path: str = ACCOUNT) -> list[int]:
    return [ask(port, path, {"__Host-leadcrm": token})[0] for port in ports]


def test_they_are_two(ports: Sequence[int], client_as: ClientAs) -> None:
    assert len(set(ports)) == 2
    assert statuses(ports, token_of(client_as(ANN))) == [200, 200]


@pytest.mark.asvs("V7.4.2")
@pytest.mark.parametrize(
    ("change", "back"),
    [
        ("UPDATE auth_user SET active = false WHERE id = '{ann}'",
         "UPDATE auth_user SET active = true WHERE id = '{ann}'"),
        ("UPDATE auth_company SET active = false WHERE id = '{home}'",
         "UPDATE auth_company SET active = true WHERE id = '{home}'"),
    ],
)  # fmt: skip
def test_disabling(ports: Sequence[int], client_as: ClientAs, query: Query, change: str, back: str) -> None:
    token = token_of(client_as(ANN))
    assert statuses(ports, token) == [200, 200]
    query(change.format(ann=ANN.id, home=HOME))
    try:
        assert statuses(ports, token) == [303, 303]
    finally:
        query(back.format(ann=ANN.id, home=HOME))


def test_a_role(ports: Sequence[int], client_as: ClientAs, query: Query) -> None:
    token = token_of(client_as(ANN))
    assert statuses(ports, token, "/admin/users") == [403, 403]
    query("UPDATE auth_user SET role = 'companymanager' WHERE id = %s", ANN.id)
    try:
        assert statuses(ports, token, "/admin/users") == [200, 200]
    finally:
        query("UPDATE auth_user SET role = 'agent' WHERE id = %s", ANN.id)
    assert statuses(ports, token, "/admin/users") == [403, 403]


def test_disabling_through_the_screen(ports: Sequence[int], client_as: ClientAs, query: Query) -> None:
    """Here in this process; there in two others."""
    token = token_of(client_as(ANN))
    assert statuses(ports, token) == [200, 200]
    try:
        client_as(MEG).send(f"/admin/users/{ANN.id}", {"name": ANN.name, "role": ANN.role, "active": "no"})
        assert statuses(ports, token) == [303, 303]
    finally:
        query("UPDATE auth_user SET active = true, name = %s WHERE id = %s", ANN.name, ANN.id)
    assert statuses(ports, token) == [303, 303]  # switched on again: the old session stays ended


def test_signing_out(ports: Sequence[int], client_as: ClientAs) -> None:
    ann = client_as(ANN)
    copy = token_of(ann)
    assert statuses(ports, copy) == [200, 200]
    ann.send("/auth/sign-out")
    assert statuses(ports, copy) == [303, 303]


def test_the_switch_of_a_company(ports: Sequence[int], client_as: ClientAs) -> None:
    tokens = [token_of(client_as(person)) for person in (ANN, MEG)]
    assert client_as(ADA).send(f"/admin/companies/{HOME}/sign-out").status_code == 303
    assert [statuses(ports, token) for token in tokens] == [[303, 303]] * 2


def test_one_process_replaces_the_token_the_other_knows(
    ports: Sequence[int], client_as: ClientAs, query: Query
) -> None:
    old = token_of(client_as(ANN))
    query("UPDATE auth_session SET created_at = now() - interval '11 minutes', stepup_at = NULL")
    first, second = ports
    _status, given = ask(first, ACCOUNT, {"__Host-leadcrm": old})
    [new] = [cookie.partition(";")[0].partition("=")[2] for cookie in given if cookie.startswith("__Host-leadcrm=")]
    assert ask(second, ACCOUNT, {"__Host-leadcrm": old})[0] == 200
    assert ask(second, ACCOUNT, {"__Host-leadcrm": new})[0] == 200
    query("UPDATE auth_session SET seen_at = now() - interval '61 seconds'")
    assert ask(second, ACCOUNT, {"__Host-leadcrm": old})[0] == 303
    assert ask(first, ACCOUNT, {"__Host-leadcrm": new})[0] == 303
