"""Applies each mutant in a copy of the source, runs the tests it names, and says who survived.

The checkout itself is never touched. First the named tests must be green as things are: a test that is red anyway
proves nothing. They leave a server with a migrated template behind, for the mutants that change nothing of what is
migrated; the others make their own. A mutant is killed when one of its tests fails; one that breaks the program before
any test ran is no mutant but a mistake in its declaration.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue

from leadcrm.core.postgres.embedded import Embedded
from tests.mutants.declared import Mutant

ROOT = Path(__file__).parent.parent.parent
PARALLEL = 2
SECONDS = 240  # for one mutant; a named test that takes longer was not meant to be named
COPIED = ("leadcrm", "migrations", "tests", "wsgi.py", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE",
          "Makefile", "package.json", "package-lock.json")  # fmt: skip
MIGRATED = re.compile(r"^migrations/|^leadcrm/deploy/|/(models|fields|postgres|keys|crypto|scope|walls|audit)(/|\.py$)")
FAILED = re.compile(r"\b(\d+) failed\b")
FIRST = re.compile(r"^FAILED (\S+)", re.MULTILINE)
PYTEST = (sys.executable, "-m", "pytest", "-q", "-m", "", "-p", "no:cacheprovider", "--tb=no", "-rfE")


class Fate(StrEnum):
    KILLED = "killed"
    SURVIVED = "SURVIVED"
    MISPLACED = "NOT FOUND"
    BROKEN = "BROKEN"
    ENDLESS = "ENDLESS"


@dataclass(frozen=True)
class Outcome:
    mutant: Mutant
    fate: Fate
    said: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.fate:9} {self.seconds:5.1f} s  {self.mutant.name}: {self.mutant.guard}  [{self.said}]"


@contextmanager
def copies(count: int) -> Iterator[SimpleQueue[Path]]:
    """So many copies of the source tree, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="leadcrm-mutants-") as folder:
        free: SimpleQueue[Path] = SimpleQueue()
        places = [copy_to(Path(folder) / str(number)) for number in range(count)]
        servers = [Embedded(server_of(place), durable=False) for place in places]
        try:
            for place, server in zip(places, servers, strict=True):
                server.ensure_running()
                free.put(place)
            yield free
        finally:
            for server in servers:
                server.destroy()


def server_of(place: Path) -> Path:
    return place.with_name(f"{place.name}-server")


def copy_to(place: Path) -> Path:
    place.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, place / name)
    if (ROOT / "node_modules").exists():
        (place / "node_modules").symlink_to(ROOT / "node_modules")
    return place


def run_tests(
    place: Path, tests: Iterable[str], only: str = "", *options: str, shared: bool = True
) -> tuple[int, str]:
    """Exit code and output of the named tests in a copy; -1 when they did not come to an end."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("LEADCRM_", "PYTEST_", "TESTS_"))}
    ours |= {"PYTHONDONTWRITEBYTECODE": "1"} | ({"TESTS_INSTANCE": str(server_of(place))} if shared else {})
    command = [*PYTEST, *options, *tests, *(("-k", only) if only else ())]
    try:
        done = subprocess.run(
            command, cwd=place, env=ours, capture_output=True, text=True,
            timeout=SECONDS * (1 if "-x" in options else 8), check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return -1, f"no end after {SECONDS} s"
    return done.returncode, done.stdout + done.stderr


def judge(mutant: Mutant, free: SimpleQueue[Path]) -> Outcome:
    began = time.monotonic()
    place = free.get()
    try:
        fate, said = _try(mutant, place)
    finally:
        free.put(place)
    return Outcome(mutant, fate, said, time.monotonic() - began)


def _try(mutant: Mutant, place: Path) -> tuple[Fate, str]:
    path = place / mutant.file
    try:
        source = path.read_text()
        changed = mutant.applied(source)
    except (LookupError, OSError) as problem:
        return Fate.MISPLACED, str(problem)
    path.write_text(changed)
    try:
        code, output = run_tests(place, mutant.tests, mutant.only, "-x", shared=not MIGRATED.search(mutant.file))
    finally:
        path.write_text(source)
    return verdict(code, output)


def verdict(code: int, output: str) -> tuple[Fate, str]:
    """Only a test that failed has seen the mutant: errors on the way there say nothing about the guard."""
    if code == -1:
        return Fate.ENDLESS, output
    if code == 0:
        return Fate.SURVIVED, "every named test stayed green"
    if code == 1 and FAILED.search(output):
        first = FIRST.search(output)
        return Fate.KILLED, first[1] if first else "a test failed"
    return Fate.BROKEN, " / ".join(output.strip().splitlines()[-2:])


def green(mutants: Sequence[Mutant], free: SimpleQueue[Path]) -> str:
    """What is red before any guard was taken out; empty when nothing is."""
    groups: dict[str, set[str]] = {}
    for mutant in mutants:
        groups.setdefault(mutant.only, set()).update(mutant.tests)
    shares = [(only, share) for only, tests in groups.items() for share in shared_out(sorted(tests))]
    with ThreadPoolExecutor(PARALLEL) as pool:
        return "".join(pool.map(lambda each: _red(free, *each), shares))


def shared_out(tests: list[str]) -> list[list[str]]:
    """As many shares as run at once, when there are enough of them."""
    size = max(10, -(-len(tests) // PARALLEL))
    return [tests[start : start + size] for start in range(0, len(tests), size)]


def _red(free: SimpleQueue[Path], only: str, tests: list[str]) -> str:
    place = free.get()
    try:
        code, output = run_tests(place, tests, only)
    finally:
        free.put(place)
    return "" if code == 0 else output[-3000:]


def run(mutants: Sequence[Mutant]) -> list[Outcome]:
    outcomes = []
    with copies(PARALLEL) as free:
        red = green(mutants, free)
        if red:
            raise SystemExit(f"{red}\nThe named tests are not green as things are: nothing can be learned from them.")
        print(f"The named tests of {len(mutants)} mutants are green as things are.", flush=True)
        with ThreadPoolExecutor(PARALLEL) as pool:
            for outcome in pool.map(lambda mutant: judge(mutant, free), mutants):
                print(outcome, flush=True)
                outcomes.append(outcome)
    return outcomes
