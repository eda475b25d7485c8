"""The requirements, the tests that name them, and what is left."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parent / "requirements.csv"
ROOT = Path(__file__).parent.parent.parent
LEVELS = ("L1", "L2", "L3")
NOT_OURS = "NA"  # does not apply; the reason stands beside it
BY_TEST = ("TEST", "SCAN", "DOC")  # what a test can show: behaviour, the absence of something, a document as data


@dataclass(frozen=True)
class Requirement:
    number: str
    level: str
    chapter: str
    sort: str
    reason: str

    @property
    def place(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.number[1:].split("."))

    @property
    def head(self) -> str:
        return f"V{self.place[0]} {self.chapter}"


def requirements() -> dict[str, Requirement]:
    with REQUIREMENTS.open(newline="") as file:
        found = [Requirement(row["number"], row["level"], row["chapter"], row["class"], row["reason"])
                 for row in csv.DictReader(file)]  # fmt: skip
    return {each.number: each for each in found}


class Collector:
    """A pytest plugin: what the collected tests say they prove."""

    def __init__(self) -> None:
        self.proofs: dict[str, set[str]] = defaultdict(set)
        self.collected = 0

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.collected = len(items)
        for item in items:
            for mark in item.iter_markers("asvs"):
                for number in mark.args:
                    self.proofs[number].add(item.nodeid.partition("[")[0])


def collect() -> Collector:
    """Every test, the attacks and the browser's too; none of them is run."""
    collector = Collector()
    asked = ["--collect-only", "-q", "-m", "", "-p", "no:cacheprovider", f"--rootdir={ROOT}", str(ROOT / "tests")]
    said = StringIO()
    with redirect_stdout(said):
        code = pytest.main(asked, plugins=[collector])
    if code != pytest.ExitCode.OK:
        raise SystemExit(f"{said.getvalue()[-2000:]}\nThe tests cannot be collected.")
    return collector


@dataclass
class Coverage:
    known: dict[str, Requirement]
    proofs: dict[str, set[str]]

    def wrong(self) -> Iterator[str]:
        """Marks that name nothing, or something that we say does not apply."""
        for number, tests in sorted(self.proofs.items()):
            if number not in self.known:
                yield f"{number} does not exist: {', '.join(sorted(tests))}"
            elif self.known[number].sort == NOT_OURS:
                yield f"{number} does not apply ({self.known[number].reason}), yet: {', '.join(sorted(tests))}"

    def of(self, level: str, head: str = "") -> tuple[int, int]:
        """How many are proven of how many that apply."""
        there = [each for each in self.applying() if each.level == level and head in ("", each.head)]
        return sum(each.number in self.proofs for each in there), len(there)

    def applying(self) -> Iterable[Requirement]:
        return sorted((each for each in self.known.values() if each.sort != NOT_OURS), key=lambda each: each.place)

    def left(self) -> list[Requirement]:
        return [each for each in self.applying() if each.number not in self.proofs]

    def heads(self) -> list[str]:
        return list(dict.fromkeys(each.head for each in sorted(self.known.values(), key=lambda each: each.place)))
