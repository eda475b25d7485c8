"""Limits: counted by the database, reserved in one piece, moving with time."""

import time
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from limits import parse
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter

from leadcrm.core import limits
from leadcrm.core.limits import Allowed, PostgresStorage, prefix_of
from leadcrm.core.scope import viewing_as
from tests.auth.races import at_once


@pytest.fixture
def counting(app: Flask) -> Iterator[Flask]:
    with app.app_context(), viewing_as(None):
        yield app


def pass_time(admin_url: str, seconds: float) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE core_limit SET hits = ARRAY(SELECT h - %s FROM unnest(hits) AS h)", [seconds])


def take(app: Flask, *wanted: Allowed) -> float:
    with app.app_context(), viewing_as(None):
        return limits.reserve(wanted)


def test_so_many_and_no_more(counting: Flask) -> None:
    assert [limits.reserve([Allowed("a", 3, 60)]) > 0 for _ in range(5)] == [False, False, False, True, True]
    assert limits.reserve([Allowed("b", 3, 60)]) == 0


def test_what_is_full_is_not_asked_about_until_it_may_have_room(
    counting: Flask, admin_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is refused again and again costs the database nothing more."""
    both = [Allowed("a", 1, 3600), Allowed("b", 1, 7200)]
    assert [limits.first_with_room(both) for _ in range(3)] == [*both, None]
    with monkeypatch.context() as patch:
        patch.setattr(limits, "_reserve", lambda *_asked: pytest.fail("asked"))
        assert limits.first_with_room(both) is None
    left = [limits.full_until[each.key] - time.monotonic() for each in both]
    assert 3000 < left[0] <= 3600 and 6600 < left[1] <= 7200
    pass_time(admin_url, 3601)
    monkeypatch.setitem(limits.full_until, "a", time.monotonic())
    assert limits.first_with_room(both) is both[0]


@pytest.mark.asvs("V2.3.4")
def test_forty_at_once_take_what_there_is(app: Flask) -> None:
    waits = at_once(40, lambda _number: take(app, Allowed("a", 5, 60), Allowed("b", 30, 60)))
    assert sum(wait == 0 for wait in waits) == 5


def test_in_any_order_nobody_waits_for_another(app: Flask) -> None:
    first, second = Allowed("a", 1000, 60), Allowed("b", 1000, 60)
    waits = at_once(
        20, lambda number: [take(app, *((first, second) if number % 2 else (second, first))) for _ in range(5)]
    )
    assert not any(wait for each in waits for wait in each)


def test_all_or_nothing(counting: Flask) -> None:
    narrow, wide = Allowed("narrow", 1, 60), Allowed("wide", 2, 60)
    assert limits.reserve([narrow, wide]) == 0
    assert limits.reserve([narrow, wide]) > 0
    assert limits.reserve([wide]) == 0  # the refused attempt took nothing of it


def test_what_succeeds_is_given_back(counting: Flask) -> None:
    for _ in range(20):
        assert limits.reserve([Allowed("a", 2, 60)]) == 0
        limits.give_back([Allowed("a", 2, 60)])
    limits.give_back([Allowed("never", 2, 60), Allowed("a", 2, 60)])
    assert [limits.reserve([Allowed("a", 2, 60)]) > 0 for _ in range(3)] == [False, False, True]


def test_the_window_moves(counting: Flask, admin_url: str) -> None:
    assert limits.reserve([Allowed("a", 2, 60)]) == 0
    pass_time(admin_url, 40)
    assert limits.reserve([Allowed("a", 2, 60)]) == 0
    assert 19 < limits.reserve([Allowed("a", 2, 60)]) <= 20
    pass_time(admin_url, 21)
    assert limits.reserve([Allowed("a", 2, 60)]) == 0
    assert 38 < limits.reserve([Allowed("a", 2, 60)]) <= 39


@pytest.mark.asvs("V16.5.3")
def test_nothing_is_allowed_when_nothing_can_be_counted(counting: Flask, admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("ALTER TABLE core_limit RENAME TO core_limit_away")
        try:
            with pytest.raises(Exception, match="core_limit"):
                limits.reserve([Allowed("a", 2, 60)])
        finally:
            admin.execute("ALTER TABLE core_limit_away RENAME TO core_limit")


def test_the_library_counts_with_it(counting: Flask) -> None:
    storage, item = PostgresStorage(), parse("3 per minute")
    moving = MovingWindowRateLimiter(storage)
    assert [moving.hit(item, "who") for _ in range(4)] == [True, True, True, False]
    reset, remaining = moving.get_window_stats(item, "who")
    assert remaining == 0
    assert reset > 0
    moving.clear(item, "who")
    assert moving.test(item, "who")
    fixed = FixedWindowRateLimiter(storage)
    assert [fixed.hit(item, "other") for _ in range(4)] == [True, True, True, False]
    assert storage.check()
    with pytest.raises(NotImplementedError):
        storage.reset()


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_a_network_counts_as_one_visitor(address: str, prefix: str) -> None:
    assert prefix_of(address) == prefix


def test_old_counts_are_forgotten(counting: Flask, admin_url: str) -> None:
    limits.reserve([Allowed("old", 2, 60)])
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE core_limit SET expires_at = now() - interval '1 hour'")
        for number in range(1500):
            limits.reserve([Allowed(f"key {number % 3}", 10_000, 60)])
            if number % 50 == 49 and not admin.execute("SELECT 1 FROM core_limit WHERE key = 'old'").fetchone():
                return
    pytest.fail("one in a hundred calls should have swept")
