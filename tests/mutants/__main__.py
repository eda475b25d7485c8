"""`make mutants`: all of them, or those whose name or file contains one of the given words."""

import sys
from collections import Counter

from tests.mutants.declared import declared
from tests.mutants.runner import Fate, run


def main(words: list[str]) -> int:
    chosen = [each for each in declared() if not words or any(word in f"{each.name} {each.file}" for word in words)]
    if not chosen:
        print(f"No mutant is called like {' or '.join(words)}.", file=sys.stderr)
        return 2
    outcomes = run(chosen)
    counted = Counter(outcome.fate for outcome in outcomes)
    print(", ".join(f"{count} {fate.lower()}" for fate, count in counted.items()))
    for outcome in outcomes:
        if outcome.fate is not Fate.KILLED:
            print(outcome)
    return 0 if set(counted) == {Fate.KILLED} else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
