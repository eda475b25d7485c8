"""The language being spoken now, cheap enough to ask for every cell of a list."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

DUTCH: Final = "nl"
ENGLISH: Final = "en"

_current: ContextVar[str] = ContextVar("leadcrm_language", default=DUTCH)


def current_language() -> str:
    return _current.get()


def set_language(code: str) -> None:
    """For the rest of this request or job; anything that is not English is Dutch."""
    _current.set(ENGLISH if code == ENGLISH else DUTCH)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    before = _current.set(ENGLISH if code == ENGLISH else DUTCH)
    try:
        yield
    finally:
        _current.reset(before)


def in_dutch() -> bool:
    return _current.get() == DUTCH
