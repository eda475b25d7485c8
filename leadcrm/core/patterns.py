"""Markup that repeats: a template writes it once with holes, and Python fills them.

A long table is hundreds of cells. Jinja escapes and wraps each of them by itself; a pattern costs a tenth.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from markupsafe import Markup, escape

HOLE = f"\ue000{secrets.token_hex(16)}"  # nobody can type it into a field and so make a hole of their own
SPECIAL = re.compile("[&<>'\"]")
Pieces = list[str]  # text and names of holes in turn


def hole(name: str) -> Markup:
    return Markup(f"{HOLE}{name}{HOLE}")  # noqa: S704  # our own names


def pieces_of(drawn: str) -> Pieces:
    pieces = drawn.split(HOLE)
    pieces[::2] = [in_ascii(text) for text in pieces[::2]]
    return pieces


def in_ascii(markup: str) -> str:
    """The same markup, with a reference (`&#8364;`) for every character beyond ASCII.

    One euro sign doubles the memory of a whole page in each of the ten places where it is put together, and has it
    encoded character by character: together a tenth of what a list costs us.
    """
    return markup if markup.isascii() else markup.encode("ascii", "xmlcharrefreplace").decode("ascii")


def filled_in(pieces: Pieces, value_of: Callable[[str], Any]) -> Markup:
    """Every hole with its value, escaped unless it is markup; a value is asked for once."""
    written = pieces.copy()
    names = pieces[1::2]
    values = {name: escaped(value_of(name)) for name in set(names)}
    written[1::2] = [values[name] for name in names]
    return Markup("".join(written))  # noqa: S704  # each value is escaped in the line above


def joined(parts: Iterable[Markup]) -> Markup:
    """One after the other."""
    return Markup("".join(parts))  # noqa: S704  # each is markup


class Pattern:
    """One row with holes: `names`, in the order in which each row brings their values."""

    def __init__(self, pieces: Pieces, names: Sequence[str]):
        self._pieces = pieces.copy()
        self._order = [names.index(name) for name in pieces[1::2]]

    def filled(self, rows: Iterable[Sequence[Any]]) -> Markup:
        """Every row after the other: the values in the order of the names, escaped unless they are markup."""
        pieces, order = self._pieces, self._order
        written: list[str] = []
        for row in rows:
            values = [escaped(value) for value in row]
            pieces[1::2] = [values[number] for number in order]
            written += pieces
        return Markup("".join(written))  # noqa: S704  # each value is escaped three lines above


def escaped(value: Any) -> str:
    """As Jinja escapes, in ASCII; most text has nothing to escape, and is found so in a third of the time."""
    plain = type(value) is Markup or type(value) is str and not SPECIAL.search(value)
    return in_ascii(value if plain else str(escape(value)))
