"""Limits on attempts, counted in PostgreSQL so that all workers and hosts count together.

A moving window per key, reserved before the attempt and given back when it succeeds. A limit is full, or it slows
down: each attempt beyond it comes twice as long after the one before. Nobody is made to wait here (a worker that sleeps
serves nobody): who comes too early is told when to come back. The same table stands behind flask-limiter
(`leadcrm://`). When the database cannot answer nothing is allowed: the request fails.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from math import ceil
from typing import Any, NoReturn

from flask import Flask, current_app, request
from flask_limiter import Limiter, RequestLimit
from limits import RateLimitItem
from limits.storage import MovingWindowSupport, Storage
from sqlalchemy import ARRAY, DateTime, Double, Index, Integer, Text, cast, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped
from werkzeug.exceptions import TooManyRequests

from leadcrm.core.db import Base, CrmSession, journal
from leadcrm.core.fields.facts import Category, technical
from leadcrm.core.kept import Kept
from leadcrm.core.proxy import canonical


class Limit(Base):
    """When something was done, as often as its limit can count. Closed: only the functions core_limit_… reach it."""

    __tablename__ = "core_limit"
    __table_args__ = (Index(None, "expires_at"),)

    key: Mapped[str] = technical(Text(), primary_key=True, category=Category.SECURITY)
    hits: Mapped[list[float]] = technical(ARRAY(Double()), category=Category.SECURITY)  # seconds since 1970, ascending
    expires_at: Mapped[Any] = technical(DateTime(timezone=True), category=Category.SECURITY)


@dataclass(frozen=True)
class Allowed:
    """So many a window, for one key; with a `step`, beyond that one after so many seconds, then twice as many."""

    key: str
    times: int
    seconds: int
    step: float = 0
    most: float = 0  # seconds that the step grows to

    def slowing(self, step: float, most: float) -> "Allowed":
        return Allowed(f"{self.key}/slowing", self.times, self.seconds, step, most)

    @classmethod
    def by(cls, item: RateLimitItem, *identifiers: str) -> "Allowed":
        return cls(item.key_for(*identifiers), item.amount, item.get_expiry())


def reserve(wanted: Sequence[Allowed]) -> float:
    """Take one of every limit, or none at all: then the seconds until it would go. Survives a refused request."""
    with journal() as own:
        return _reserve(own, wanted)


full_until = Kept(10_000)  # when there may be room again, by the key of a limit that had none


def first_with_room(limits: Sequence[Allowed]) -> Allowed | None:
    """Take one of the first limit that is not full yet; of limits that nobody gives back to.

    Such a limit stays full until its oldest attempt is forgotten: until then the database is not asked about it again,
    since whoever is here may be a scanner.
    """
    wanted = [each for each in limits if full_until.get(each.key, 0) <= time.monotonic()]
    if not wanted:
        return None
    with journal() as own:
        return next((each for each in wanted if _had_room(own, each)), None)


def _had_room(own: CrmSession, wanted: Allowed) -> bool:
    wait = _reserve(own, [wanted])
    if wait:
        full_until.keep(wanted.key, time.monotonic() + wait)
    return wait == 0


def _reserve(own: CrmSession, wanted: Sequence[Allowed]) -> float:
    arrays: Any = (
        cast([each.key for each in wanted], ARRAY(Text())),
        cast([each.times for each in wanted], ARRAY(Integer())),
        cast([each.seconds for each in wanted], ARRAY(Integer())),
        cast([each.step for each in wanted], ARRAY(Double())),
        cast([each.most for each in wanted], ARRAY(Double())),
    )
    return float(own.execute(select(func.core_limit_reserve(*arrays))).scalar_one())


def give_back(wanted: Sequence[Allowed]) -> None:
    """The newest of every limit was no failure after all."""
    with journal() as own:
        own.execute(select(func.core_limit_give_back(cast([each.key for each in wanted], ARRAY(Text())))))


class PostgresStorage(Storage, MovingWindowSupport):
    """What flask-limiter counts with."""

    STORAGE_SCHEME = ["leadcrm"]

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        return all(reserve([Allowed(key, limit, expiry)]) == 0 for _ in range(amount))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        with journal() as own:
            seen = func.core_limit_seen(key, expiry).table_valued("oldest", "counted")
            oldest, counted = own.execute(select(seen.c.oldest, seen.c.counted)).one()
        return float(oldest), int(counted)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        self.acquire_entry(key, 2**31 - 1, expiry, amount)
        return self.get_moving_window(key, 0, expiry)[1]

    def get(self, key: str) -> int:
        return self.get_moving_window(key, 0, 2**31 - 1)[1]

    def get_expiry(self, key: str) -> float:
        with journal() as own:
            return float(own.execute(select(func.core_limit_expires(key))).scalar_one())

    def check(self) -> bool:
        with journal() as own:
            return bool(own.execute(select(1)).scalar_one())

    def reset(self) -> int | None:
        raise NotImplementedError("nobody forgets every limit at once: clear() one key")

    def clear(self, key: str) -> None:
        with journal() as own:
            own.execute(select(func.core_limit_clear(key)))


def prefix_of(address: str) -> str:
    """The network that counts as one visitor: /24 of IPv4, /64 of IPv6."""
    known = canonical(address)
    if known is None:
        return "unknown"
    return str(ip_network((known, 24 if known.version == 4 else 64), strict=False))


def visitor() -> str:
    return prefix_of(request.remote_addr or "")


def refuse(breached: RequestLimit) -> NoReturn:
    raise TooManyRequests(retry_after=max(1, ceil(breached.reset_at - time.time())))


class Limits(Limiter):
    """flask-limiter, asked only where there is a limit: to find that there is none takes it longer than a row of the
    list takes us, and that is so for all routes but a few."""

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self._limited: dict[str, bool] = {}  # by endpoint

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if callable_name or request.endpoint is None or self._is_limited(request.endpoint):
            super()._check_request_limit(callable_name, in_middleware)

    def _is_limited(self, endpoint: str) -> bool:
        known = self._limited.get(endpoint)
        if known is None:
            limits = self.limit_manager.resolve_limits(current_app, endpoint, request.blueprint, in_middleware=True)
            known = self._limited[endpoint] = any(limits)
        return known


limiter = Limits(visitor, storage_uri="leadcrm://", strategy="moving-window", on_breach=refuse)


def start(app: Flask) -> None:
    limiter.init_app(app)
