"""Mutants are run by hand and seldom; that they still fit the source and their tests is seen every time."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.mutants.declared import Mutant, declared
from tests.together import together

ROOT = Path(__file__).parent.parent


def test_each_mutant_fits_its_file_and_names_tests_that_are_there() -> None:
    with together() as case:
        for mutant in declared():
            with case(mutant.name):
                assert mutant.applied((ROOT / mutant.file).read_text()) != (ROOT / mutant.file).read_text()
                assert list(_lost(mutant)) == []


def _lost(mutant: Mutant) -> Iterator[str]:
    for named in mutant.tests:
        file, _marks, name = named.partition("[")[0].partition("::")
        source = ROOT / file
        if not source.exists() or (name and not re.search(rf"def {re.escape(name)}\b", source.read_text())):
            yield named
