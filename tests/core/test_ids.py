"""Ids in the order in which they were made."""

import time
from multiprocessing import get_context

import pytest

from leadcrm.core.ids import id_in_order

FORK = get_context("fork")


def test_ids_follow_each_other_and_none_comes_twice() -> None:
    made = [id_in_order() for _each in range(5_000)]
    assert len(set(made)) == len(made)
    moments = [ident.int >> 64 for ident in made]
    assert moments == sorted(moments)
    assert {(ident.version, ident.variant) for ident in made} == {(7, "specified in RFC 4122")}


def test_what_is_not_the_moment_is_chance() -> None:
    """Two processes may make ids in the same part of a microsecond."""
    tails = [id_in_order().int & ((1 << 62) - 1) for _each in range(2_000)]
    assert len(set(tails)) == len(tails)
    assert all(any(tail >> bit & 1 for tail in tails) and any(not tail >> bit & 1 for tail in tails)
               for bit in range(62))  # fmt: skip


def test_a_fork_has_chances_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even when both make one at the same moment."""
    monkeypatch.setattr(time, "time_ns", lambda: 1_763_800_000_123_456_789)
    heard, told = FORK.Pipe(duplex=False)
    children = [FORK.Process(target=lambda: told.send(id_in_order())) for _number in range(2)]
    for child in children:
        child.start()
    made = [heard.recv(), heard.recv(), id_in_order()]
    for child in children:
        child.join()
    assert len(set(made)) == len(made)
