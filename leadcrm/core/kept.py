"""What was worked out once and is asked for again and again, as long as there is room for it."""

from threading import Lock
from typing import Any, TypeVar

Value = TypeVar("Value")


class Kept(dict[Any, Any]):
    """At most so many; what came first goes first. Threads may share one: at worst something is worked out twice."""

    def __init__(self, most: int):
        super().__init__()
        self._most, self._changing = most, Lock()

    def keep(self, key: Any, value: Value) -> Value:
        with self._changing:
            while len(self) >= self._most:
                del self[next(iter(self))]
            self[key] = value
        return value
