"""The job that takes in: it waits a moment where few came, never with a transaction open, and not while there are
many."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from leadcrm.intake import jobs
from leadcrm.intake.services import taking


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[int]], list[Any]]:
    """What the job did, when its batches were this large."""

    def done(batches: list[int]) -> list[Any]:
        found: list[Any] = []
        left = iter(batches)

        def take_batch() -> int:
            found.append(taken := next(left))
            return taken

        monkeypatch.setattr(taking, "take_batch", take_batch)
        monkeypatch.setattr(jobs, "checkpoint", lambda: found.append("kept"))
        monkeypatch.setattr(time, "sleep", lambda seconds: found.append(f"waited {seconds}"))
        jobs.take_in()
        return found

    return done


def test_after_a_small_batch_it_waits_once_with_nothing_open(run: Callable[[list[int]], list[Any]]) -> None:
    waited = f"waited {jobs.GATHERING}"
    assert run([3, 0]) == [3, "kept", waited, 0]
    assert run([3, taking.BATCH - 1, 0]) == [3, "kept", waited, taking.BATCH - 1, "kept", waited, 0]


def test_a_full_batch_waits_for_nothing(run: Callable[[list[int]], list[Any]]) -> None:
    full = taking.BATCH
    assert run([full, full, 0]) == [full, "kept", full, "kept", 0]


def test_where_nothing_waits_neither_does_it(run: Callable[[list[int]], list[Any]]) -> None:
    assert run([0]) == [0]
