"""What is known of a file before its rows: limits, how it was written, and its column titles."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_BYTES = 50 * 1024 * 1024
MOST_COLUMNS = 200
MOST_ROWS = 250_000
MOST_CELLS = 8_000_000

CSV = "csv"
XLSX = "xlsx"


@dataclass(frozen=True)
class Layout:
    """How a file was written, so that what is given back looks like it."""

    format: str
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    sheet: str = ""
    titles: tuple[str, ...] = field(default=())  # as they were, doubles and all

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Layout":
        return cls(**{**kept, "titles": tuple(kept.get("titles", ()))})


Row = tuple[int, list[str]]  # its line in the file as people count them, and its cells


@dataclass
class Table:
    """Column titles, all different, and the rows below them."""

    layout: Layout
    titles: list[str]
    rows: Iterator[Row]


def unlike(titles: Sequence[str]) -> list[str]:
    """Titles made different: an empty one gets its place, the second `Loan_ID` becomes `Loan_ID (2)`."""
    seen: Counter[str] = Counter()
    taken = {title.strip() for title in titles}
    made = []
    for place, title in enumerate(titles, 1):
        name = " ".join(title.split())[:90] or f"({place})"
        seen[name] += 1
        unique = name
        while unique in made or (unique != name and unique in taken):
            seen[name] += unique != name
            unique = f"{name} ({seen[name]})"
        made.append(unique)
    return made
