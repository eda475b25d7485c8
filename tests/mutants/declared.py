"""The mutants as they are declared: a small textual patch each, and the tests that see it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Mutant:
    """One guard taken out. `before` stands exactly once in `file`, and so does the first of each pair of `also`."""

    name: str
    guard: str  # what is taken away, in words
    file: str
    before: str
    after: str
    tests: tuple[str, ...]
    only: str = ""  # as pytest -k
    also: tuple[tuple[str, str], ...] = ()  # where a second guard refuses the same, both are taken out at once

    def applied(self, source: str) -> str:
        """The source without the guard. Raises LookupError when the declaration no longer fits it."""
        for before, after in ((self.before, self.after), *self.also):
            found = source.count(before)
            if found != 1:
                raise LookupError(f"`{before.strip()[:30]}` stands {found} times in {self.file}")
            source = source.replace(before, after)
        return source


def declared() -> list[Mutant]:
    found = [
        Mutant(**{**facts, "tests": tuple(facts["tests"]), "also": tuple(map(tuple, facts.get("also", ())))})
        for file in sorted(HERE.glob("*.toml"))
        for facts in tomllib.loads(file.read_text())["mutant"]
    ]
    names = [mutant.name for mutant in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"declared twice: {sorted(twice)}")
    return found
