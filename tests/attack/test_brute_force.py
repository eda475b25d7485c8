"""Guessing passwords through four web processes at once: what is looked at stays within the limit of one."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from leadcrm.core.config import Config
from leadcrm.core.postgres.urls import Urls
from tests.auth.accounts import SIGN_IN, Account, enrol, walk_in
from tests.auth.processes import ask, web_processes
from tests.people import ANN, BOB, PASSWORD
from tests.world import Browser

PROCESSES, TOGETHER = 4, 200
OF_A_NETWORK, OF_AN_ACCOUNT, IN_ALL = 5, 20, 600
Address = Callable[[int], str]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "looked-at"


@pytest.fixture
def ports(app: Flask, config: Config, urls: Urls, log: Path) -> Iterator[Sequence[int]]:
    with web_processes(PROCESSES, config.instance, urls, log) as started:
        yield started


@pytest.fixture
def ann(app: Flask, admin_url: str) -> Account:
    return enrol(app, admin_url, ANN)


def form_of(app: Flask) -> tuple[dict[str, str], dict[str, str]]:
    """The cookie and the field of a sign-in form of ours, which an attacker simply fetches."""
    browser = Browser(app)
    token = browser.csrf_token()
    cookie = browser.get_cookie("__Host-leadcrm-form", domain="localhost")
    assert cookie
    return {"__Host-leadcrm-form": cookie.value}, {"csrf_token": token}


def attack(app: Flask, ports: Sequence[int], email: Address, address: Address) -> list[int]:
    cookies, form = form_of(app)

    def one(number: int) -> int:
        typed = form | {"email": email(number), "password": f"guess-{number}"}
        return ask(ports[number % len(ports)], SIGN_IN, cookies, typed, address(number))[0]

    with ThreadPoolExecutor(TOGETHER) as pool:
        return list(pool.map(one, range(PROCESSES * TOGETHER)))


def allowed(limit: int, began: float, step: float) -> int:
    """The limit, and what the growing delay lets through meanwhile on a slow machine."""
    seconds, more = time.monotonic() - began, 0
    while step * (2**more - 1) < seconds:
        more += 1
    return limit + more


def test_one_account_from_one_network(app: Flask, ports: Sequence[int], log: Path, ann: Account) -> None:
    began = time.monotonic()
    codes = attack(app, ports, lambda _number: ANN.email, lambda _number: "198.51.100.7")
    assert set(codes) <= {422, 429, 503}
    assert 0 < log.stat().st_size <= allowed(OF_A_NETWORK, began, 30)


def test_one_account_from_everywhere_while_its_owner_signs_in(
    app: Flask, ports: Sequence[int], log: Path, ann: Account, admin_url: str
) -> None:
    device = Browser(app)
    walk_in(device, ann)
    cookie = device.get_cookie("__Host-leadcrm-device", domain="localhost")
    assert cookie
    began = time.monotonic()
    codes = attack(app, ports, lambda _number: ANN.email, lambda number: f"198.{18 + number // 250}.{number % 250}.7")
    assert set(codes) <= {422, 429, 503}
    assert 0 < log.stat().st_size <= allowed(OF_AN_ACCOUNT, began, 60)
    cookies, form = form_of(app)
    typed = form | {"email": ANN.email, "password": PASSWORD}
    assert ask(ports[0], SIGN_IN, cookies, typed, "192.0.2.1")[0] == 429  # on an unknown device
    known = cookies | {"__Host-leadcrm-device": cookie.value}
    assert [ask(port, SIGN_IN, known, typed, "192.0.2.1")[0] for port in ports] == [303] * PROCESSES


def test_many_accounts_from_everywhere(app: Flask, ports: Sequence[int], log: Path, admin_url: str) -> None:
    """As if most of what everybody together may try were used up."""
    enrol(app, admin_url, BOB)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(
            "INSERT INTO core_limit SELECT 'LIMITER/password at all/600/5/minute/slowing', "
            "array_agg(extract(epoch FROM now())::float), now() + interval '5 minutes' FROM generate_series(1, %s)",
            [IN_ALL - 50],
        )
    began = time.monotonic()
    attack(
        app, ports, lambda number: f"n{number}@example.org", lambda number: f"198.{18 + number // 250}.{number % 250}.7"
    )
    assert 0 < log.stat().st_size <= allowed(50, began, 1) + (time.monotonic() - began) / 30
