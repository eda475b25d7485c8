"""Asking the same thing again and again, by one client or by several, and how long each answer took."""

import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe

from tests.bench.browser import Connection, Refused

SECONDS = 6.0  # of each measurement
MOST_REQUESTS = 50_000
WARMING = 20  # requests of each client that do not count
EIGHT = 8


@dataclass(frozen=True)
class Timing:
    """Milliseconds, and answers a second of all clients together."""

    p50: float
    p95: float
    rate: float


@dataclass(frozen=True)
class Target:
    """Where to ask; the requests are sent in turn, each client beginning elsewhere."""

    base_url: str
    authority: str
    requests: Sequence[bytes]
    expected: int = 200


def measured(target: Target, clients: int) -> Timing:
    context = get_context("fork")
    ends, children = [], []
    begin = time.time() + 0.5 + 0.1 * clients  # connections first, then all at once
    for number in range(clients):
        receives, sends = context.Pipe(duplex=False)
        child = context.Process(target=_ask, args=(target, number, begin, sends), daemon=True)
        child.start()
        sends.close()
        ends.append(receives)
        children.append(child)
    answers = [end.recv() for end in ends]
    for child in children:
        child.join()
    for answer in answers:
        if isinstance(answer, str):
            raise Refused(answer)
    times = sorted(took for client, _seconds in answers for took in client)
    rate = sum(len(client) / seconds for client, seconds in answers)
    return Timing(statistics.median(times) * 1000, times[int(len(times) * 0.95)] * 1000, rate)


def _ask(target: Target, number: int, begin: float, results: Pipe) -> None:
    """In a child: the times, or a text that says what went wrong."""
    try:
        results.send(_times(target, number, begin))
    except Exception as problem:
        results.send(f"{type(problem).__name__}: {problem}")
    finally:
        results.close()
        os._exit(0)


def _times(target: Target, number: int, begin: float) -> tuple[list[float], float]:
    connection = Connection(target.base_url, target.authority)
    requests = [*target.requests[number:], *target.requests[:number]]
    for turn in range(WARMING):
        _checked(connection, requests[turn % len(requests)], target.expected)
    time.sleep(max(0.0, begin - time.time()))
    took = []
    first = last = time.perf_counter()
    for turn in range(MOST_REQUESTS):
        _checked(connection, requests[turn % len(requests)], target.expected)
        now = time.perf_counter()
        took.append(now - last)
        last = now
        if now - first > SECONDS:
            break
    connection.close()
    return took, last - first


def _checked(connection: Connection, request: bytes, expected: int) -> None:
    answer = connection.send(request)
    if answer.status != expected:
        asked = request.partition(b"\r\n")[0].decode()
        raise Refused(f"{asked}: {answer.status}, not {expected}: {answer.body[:300].decode(errors='replace')}")
