"""Sealed values: encrypted at rest, never shown by accident.

A column marked sensitive holds a Sealed. Assigning a plain value wraps it; the flush encrypts it for exactly
this table, column, company and row; only reveal(), peek() and masked() in reveal.py open it again.
"""

from typing import Any

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator


class Sealed:
    """A plain value waiting to be encrypted, or an encrypted one waiting to be opened."""

    __slots__ = ("box", "plain")

    def __init__(self, plain: Any = None, box: bytes | None = None):
        self.plain = plain
        self.box = box

    def __repr__(self) -> str:
        return "Sealed(…)"  # what lands in a log or traceback

    __str__ = __repr__


class NotSealed(RuntimeError):
    """A sensitive value would have reached the database in clear."""


class SealedType(TypeDecorator[Sealed]):
    """Stores the box of a Sealed; refuses anything that was not encrypted."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        if not isinstance(value, Sealed) or value.box is None:
            raise NotSealed("assign to the attribute of a loaded object; core seals it at the flush")
        return value.box

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Sealed | None:
        return None if value is None else Sealed(box=bytes(value))
