"""Reads an Excel file in a process of its own: run by workbook.py, never imported by the application.

The parser is native code that makes room for what a file declares (the number of its texts, the place of a cell) and
ends its process when there is not that much memory. Here that ends nobody but us. It knows nothing of leadcrm.

Content comes in on standard input. Out goes JSON, line by line: the name of the sheet or what is wrong, its rows, null.
"""

import io
import json
import resource
import sys
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

MOST_MEMORY = 1536 * 1024**2
MOST_SECONDS = 60


def first_sheet(content: bytes) -> tuple[str, CalamineSheet] | None:
    """The first visible sheet that holds anything."""
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for about in workbook.sheets_metadata:
        if about.visible == SheetVisibleEnum.Visible:
            sheet = workbook.get_sheet_by_name(about.name)
            if sheet.height:
                return about.name, sheet
    return None


def as_text(cell: Any) -> str:
    """A typed cell as people would write it, with a decimal point."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def say(content: Any) -> None:
    sys.stdout.write(json.dumps(content) + "\n")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        found = first_sheet(sys.stdin.buffer.read())
    except PasswordError:
        return say({"problem": "password"})
    except CalamineError:
        return say({"problem": "broken"})
    if found is None:
        return say({"problem": "empty"})
    name, sheet = found
    say({"sheet": name})
    for cells in sheet.iter_rows():
        say([as_text(cell) for cell in cells])
    return say(None)


if __name__ == "__main__":
    main()
