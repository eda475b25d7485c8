"""How long tests wait before they give up: the machine of a test may stand still for a while, and nothing is wrong."""

import time
from collections.abc import Callable

PATIENCE_MS = 60_000  # for what takes a moment
STATEMENT_MS = 90_000  # for a statement; the product gives it 15 s, which core/test_connections.py holds it to


def within(seconds: float, do: Callable[[], object], tries: int = 3) -> bool:
    """Whether it takes less than so long at one of some tries: a machine that stands still does so at one of them."""
    return any(_takes(do) < seconds for _ in range(tries))


def _takes(do: Callable[[], object]) -> float:
    began = time.monotonic()
    do()
    return time.monotonic() - began
