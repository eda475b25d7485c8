"""A port that a test is told of stays free until its server listens there."""

import socket

from tests.ports import OUTGOING, free_port, is_free


def test_no_connection_takes_it_before_the_server() -> None:
    first = int(OUTGOING.read_text().split()[0])
    assert all(free_port() < first for _time in range(50))


def test_one_that_is_taken_is_not_told() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        assert not is_free(taken.getsockname()[1])
