"""Markup that repeats: a template writes it once with holes, and Python fills them for every row.

A long table is hundreds of cells. Jinja escapes and wraps each of them by itself; a pattern costs a tenth.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from markupsafe import Markup, escape

HOLE = "\ue000"  # of the private use area: our own templates have none


class Pattern:
    """One row as a macro draws it. `names` are the arguments of the macro that differ from row to row."""

    def __init__(self, macro: Callable[..., str], names: Sequence[str], **same: Any):
        holes = {name: Markup(f"{HOLE}{name}{HOLE}") for name in names}  # noqa: S704  # our own names
        self._pieces = str(macro(**holes, **same)).split(HOLE)
        self._order = [names.index(name) for name in self._pieces[1::2]]

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
    return value if type(value) is Markup else str(escape(value))
