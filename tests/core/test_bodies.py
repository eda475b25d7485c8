"""Slow bodies take only so many threads, of one network and of all."""

from threading import Event, Thread
from typing import Any

import pytest
from werkzeug.test import Client

from leadcrm.core.bodies import AT_ONCE, FROM_ONE, FewBodies


class Slow:
    """An application that does not answer a body before it is told to."""

    def __init__(self) -> None:
        self.go_on, self.inside = Event(), 0

    def __call__(self, environ: Any, start: Any) -> list[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            self.inside += 1
            self.go_on.wait(10)
        start("200 OK", [("Content-Length", "0")])
        return [b""]


def post(few: FewBodies, address: str) -> int:
    return Client(few).post("/", data=b"x", environ_overrides={"REMOTE_ADDR": address}).status_code


def test_one_network_gets_its_share_and_the_others_theirs() -> None:
    slow = Slow()
    few = FewBodies(slow)
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
        thread.join(10)
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
