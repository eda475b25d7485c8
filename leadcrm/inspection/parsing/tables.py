"""Rows of a table as text. A number far below its heading is told together with it."""

import re

_NUMBER = re.compile(r"[0-9]{8,9}(?:\.0+)?|[0-9]{3}[ .-][0-9]{3}[ .-][0-9]{3}|[0-9]{4}[ .-][0-9]{2}[ .-][0-9]{3}")
_HEADINGS_WITHIN = 20  # rows
DIGITS = 9


class Table:
    def __init__(self) -> None:
        self._headings: dict[int, list[str]] = {}
        self._rows = 0

    def row(self, cells: dict[int, str]) -> str:
        """The cells, by their column; after them each number that we may not keep, with its headings."""
        self._rows += 1
        told = [" ".join(cells.values())]
        for column, cell in cells.items():
            if _NUMBER.fullmatch(cell.strip()):
                number = cell.strip().split(".0")[0].zfill(DIGITS) if cell.strip()[:8].isdigit() else cell.strip()
                told += [f"{heading} {number}" for heading in self._headings.get(column, ())]
            elif self._rows <= _HEADINGS_WITHIN and any(map(str.isalpha, cell)):
                self._headings.setdefault(column, []).append(cell.strip()[:60])
        return "\n".join(told) + "\n"
