"""Slow bodies take only so many threads, of one network and of all."""

from functools import partial
from io import BytesIO
from threading import Event, Semaphore, Thread
from typing import Any

import pytest
from werkzeug.test import Client

from leadcrm.core.bodies import AT_ONCE, FROM_ONE, Body, FewBodies

IMPATIENT = 0.1


class Slow:
    """An application that reads a body only when it is told to, as if it came in drop by drop."""

    def __init__(self) -> None:
        self.go_on, self.inside = Event(), 0

    def __call__(self, environ: Any, start: Any) -> list[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            self.inside += 1
            self.go_on.wait(90)
        start("200 OK", [("Content-Length", "0")])
        return [b""]


def post(few: FewBodies, address: str) -> int:
    return Client(few).post("/", data=b"x", environ_overrides={"REMOTE_ADDR": address}).status_code


def test_one_network_gets_its_share_and_the_others_theirs() -> None:
    slow = Slow()
    few = FewBodies(slow, IMPATIENT)
    addresses = [f"198.51.100.{number}" for number in range(FROM_ONE)] + [
        f"10.0.{number}.1" for number in range(AT_ONCE - FROM_ONE)
    ]
    threads = [Thread(target=post, args=(few, address)) for address in addresses]
    for thread in threads[:FROM_ONE]:
        thread.start()
    wait_for(slow, FROM_ONE)
    assert post(few, "198.51.100.200") == 503
    for thread in threads[FROM_ONE:]:
        thread.start()
    wait_for(slow, AT_ONCE)
    assert post(few, "203.0.113.7") == 503
    assert Client(few).get("/").status_code == 200  # what carries nothing is never kept out
    slow.go_on.set()
    for thread in threads:
        thread.join(90)
    assert post(few, "198.51.100.200") == 200
    assert not few.coming_in


def wait_for(slow: Slow, number: int) -> None:
    for _ in range(500):
        if slow.inside >= number:
            return
        Event().wait(0.01)
    pytest.fail(f"{slow.inside} inside, not {number}")


def test_what_goes_wrong_gives_its_place_back() -> None:
    def broken(environ: Any, start: Any) -> list[bytes]:
        raise RuntimeError

    few = FewBodies(broken)
    for _ in range(AT_ONCE + 1):
        with pytest.raises(RuntimeError):
            post(few, "198.51.100.7")


def test_what_is_in_keeps_nobody_out() -> None:
    """An office behind one address saves twenty forms at once, and each takes a while to work on."""
    working, go_on = Semaphore(0), Event()

    def application(environ: Any, start: Any) -> list[bytes]:
        assert environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])) == b"x"
        working.release()
        go_on.wait(90)
        start("200 OK", [("Content-Length", "0")])
        return [b""]

    few = FewBodies(application, IMPATIENT)
    answers: list[int] = []
    threads = [Thread(target=lambda: answers.append(post(few, "198.51.100.7"))) for _ in range(2 * AT_ONCE)]
    for thread in threads:
        thread.start()
    assert all(working.acquire(timeout=90) for _ in threads)
    assert not few.coming_in
    go_on.set()
    for thread in threads:
        thread.join(90)
    assert answers == [200] * len(threads)


def test_whoever_finds_no_room_waits_a_moment() -> None:
    slow = Slow()
    few = FewBodies(slow, patience=10)
    threads = [Thread(target=post, args=(few, "198.51.100.7")) for _ in range(FROM_ONE)]
    for thread in threads:
        thread.start()
    wait_for(slow, FROM_ONE)
    answers: list[int] = []
    late = Thread(target=lambda: answers.append(post(few, "198.51.100.8")))
    late.start()
    slow.go_on.set()
    for thread in (*threads, late):
        thread.join(90)
    assert answers == [200]


@pytest.mark.parametrize("body", [b"", b"one\ntwo\n", b"without end"])
@pytest.mark.parametrize("length", [True, False], ids=["with length", "in chunks"])
def test_a_body_is_read_as_it_came(body: bytes, length: bool) -> None:
    for read in (Body.read, lambda it: b"".join(it), lambda it: b"".join(it.readlines()), lambda it: it.read(99)):
        told: list[bool] = []
        environ = {"wsgi.input": BytesIO(body)} | ({"CONTENT_LENGTH": str(len(body))} if length else {})
        it = Body(environ, partial(told.append, True))
        assert read(it) == body
        assert it.read() == b"" and told == [True]
