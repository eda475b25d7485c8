"""One thing held for very many cases in one test, which then tells of every case that fails, not of the first only.

A test of its own for each would cost more than what it does: collected by every process, reported, cleaned up after.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

SHOWN = 50
Case = Callable[[str], AbstractContextManager[None]]


@contextmanager
def together() -> Iterator[Case]:
    """`with together() as case:`, and in a loop `with case("its name"):` around what is held."""
    tried: list[str] = []
    failed: list[str] = []

    @contextmanager
    def case(name: str) -> Iterator[None]:
        tried.append(name)
        try:
            yield
        except (Exception, pytest.fail.Exception) as problem:
            failed.append(f"{name}: {type(problem).__name__}: {problem}")

    yield case
    assert tried, "not one case was tried"
    if failed:
        pytest.fail("\n".join([f"{len(failed)} of {len(tried)} fail", *failed[:SHOWN]]), pytrace=False)
