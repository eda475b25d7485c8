"""`make asvs`: coverage by chapter and level, and what is left. `make asvs ARGS=V6` lists the tests of V6."""

import sys
from collections.abc import Iterator

from tests.asvs.coverage import BY_TEST, LEVELS, Coverage, collect, requirements

GOALS = {"L1": 62, "L2": 110}  # of the 63 and 128 that apply; V12.2.2 (a publicly trusted certificate) is an operator's


def table(coverage: Coverage) -> Iterator[str]:
    yield f"{'chapter':52}" + "".join(f"{level:>12}" for level in LEVELS)
    for head in ["", *coverage.heads()]:
        figures = [coverage.of(level, head) for level in LEVELS]
        if any(total for _proven, total in figures):
            shown = "".join(f"{f'{proven}/{total}' if total else '-':>12}" for proven, total in figures)
            yield f"{head or 'all that applies':52}{shown}"


def left(coverage: Coverage) -> Iterator[str]:
    for level in LEVELS:
        there = [each for each in coverage.left() if each.level == level]
        yield f"{level}, not shown by a test ({len(there)}):"
        for each in there:
            sort = "" if each.sort in BY_TEST else f" ({each.sort.lower()})"
            yield f"  {each.number}{sort}{': ' if each.reason else ''}{each.reason}"


def listed(coverage: Coverage, words: list[str]) -> Iterator[str]:
    for each in coverage.applying():
        if any(each.number == word or each.number.startswith(f"{word}.") for word in words):
            yield f"{each.number} {each.level}"
            yield from (f"  {test}" for test in sorted(coverage.proofs.get(each.number, ())))


def main(words: list[str]) -> int:
    collected = collect()
    coverage = Coverage(requirements(), collected.proofs)
    print(f"OWASP ASVS 5.0.0, of what applies to this product; {collected.collected} tests collected")
    print("\n".join(table(coverage)))
    print("\n".join(listed(coverage, words) if words else left(coverage)))
    wrong = list(coverage.wrong())
    wrong += [f"{level}: {coverage.of(level)[0]} proven, {goal} are the goal" for level, goal in GOALS.items()
              if coverage.of(level)[0] < goal]  # fmt: skip
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
