"""Many at once, as nearly as threads can."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any


def at_once(count: int, do: Callable[[int], Any]) -> list[Any]:
    """The answers of `count` calls that all start together."""
    start = Barrier(count)

    def one(number: int) -> Any:
        start.wait(timeout=60)
        return do(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
