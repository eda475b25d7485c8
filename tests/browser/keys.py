"""What somebody gets in with, for all processes of a run: sessions, each in one browser at a time, and codes.

Two browsers with one session are what a copied cookie looks like: a minute after one of them got a new token, which
happens every ten minutes and whenever somebody proves who they are, the other is shown the door.
"""

import json
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pyotp

from leadcrm.auth.services.second_factor import STEP_SECONDS
from leadcrm.core.locks import FileLock

COOKIE = "__Host-leadcrm"
USED_WITHIN_SECONDS = 600  # admins' sessions end when they lay idle for a quarter of an hour
APART_SECONDS = 5  # a code that is typed after a later one was used is refused


@dataclass(frozen=True)
class Seat:
    """One session of somebody, or a place for one; nobody else has it until it is left."""

    cookies: Path
    lock: FileLock

    def session(self) -> Any:
        """The cookies of a session that goes on; None when somebody has to sign in."""
        known = self.cookies.exists() and time.time() - self.cookies.stat().st_mtime < USED_WITHIN_SECONDS
        return json.loads(self.cookies.read_text()) if known else None

    def leave(self, cookies: Any) -> None:
        """With its newest token, for the next walk; none is left by who signed out."""
        if any(each["name"] == COOKIE for each in cookies):
            self.cookies.write_text(json.dumps(cookies))
        else:
            self.cookies.unlink(missing_ok=True)
        self.lock.drop()


def take_seat(folder: Path, who: str) -> Seat:
    """The first that is free: a session that another walk left, while there is one."""
    for place in count():
        lock = FileLock(folder / f"{who}.{place}.lock")
        if lock.try_hold():
            return Seat(folder / f"{who}.{place}.json", lock)
    raise AssertionError


def take_code(folder: Path, who: str, secret: str) -> str:
    """A code that no other walk takes: it works once. Waits for the next when that of now is taken."""
    taken, lock = folder / f"{who}.code", FileLock(folder / f"{who}.code.lock")
    lock.hold()
    try:
        last = float(taken.read_text()) if taken.exists() else 0.0
        while (now := time.time()) < last + APART_SECONDS or now // STEP_SECONDS <= last // STEP_SECONDS:
            time.sleep(0.1)
        taken.write_text(str(now))
    finally:
        lock.drop()
    return pyotp.TOTP(secret).at(int(now))
