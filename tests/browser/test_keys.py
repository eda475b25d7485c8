"""The walks of a run do not get into each other's sessions, and none is refused a code that another used."""

import os
from pathlib import Path
from typing import Any

import pyotp
import pytest

from leadcrm.auth.services.second_factor import STEP_SECONDS
from tests.browser import keys
from tests.browser.keys import COOKIE, take_code, take_seat

SESSION = [{"name": COOKIE, "value": "newest"}]


def test_a_session_is_in_one_browser_at_a_time(tmp_path: Path) -> None:
    first = take_seat(tmp_path, "ann")
    assert first.session() is None
    second = take_seat(tmp_path, "ann")
    assert second.cookies != first.cookies
    first.leave(SESSION)
    again = take_seat(tmp_path, "ann")
    assert (again.cookies, again.session()) == (first.cookies, SESSION)
    assert take_seat(tmp_path, "bob").session() is None


def test_who_signed_out_leaves_none(tmp_path: Path) -> None:
    take_seat(tmp_path, "ann").leave(SESSION)
    take_seat(tmp_path, "ann").leave([{"name": "another", "value": "one"}])
    assert take_seat(tmp_path, "ann").session() is None


def test_a_session_that_lay_idle_is_not_used(tmp_path: Path) -> None:
    seat = take_seat(tmp_path, "ann")
    seat.leave(SESSION)
    os.utime(seat.cookies, (0, 0))
    assert take_seat(tmp_path, "ann").session() is None


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(("into_the_step", "waits"), [(0.0, 30), (20.0, 10), (29.0, 5)])
def test_a_code_is_taken_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, into_the_step: float, waits: float
) -> None:
    """The next one comes with the next step, and some seconds later: whoever has this one must have typed it."""
    start, secret = STEP_SECONDS * 1000 + into_the_step, pyotp.random_base32()
    clock: Any = Clock(start)
    monkeypatch.setattr(keys, "time", clock)
    codes = [take_code(tmp_path, "ann", secret)]
    assert clock.now == start
    codes.append(take_code(tmp_path, "ann", secret))
    assert clock.now - start == pytest.approx(waits, abs=0.2)
    assert codes == [pyotp.TOTP(secret).at(int(start)), pyotp.TOTP(secret).at(int(clock.now))]
