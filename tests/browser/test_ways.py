"""What `make test` walks and what is left to `make attack`: every walk once, at either size, and nothing by neither."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from leadcrm.core.config import ROOT
from tests.browser.walker import ENGLISH
from tests.browser.ways import ways

HERE = Path(__file__).parent
MODULES = [f"tests.browser.{file.stem}" for file in sorted(HERE.glob("test_*.py"))] + ["tests.core.test_gallery"]


def cases(test: Any) -> list[tuple[tuple[Any, ...], bool]]:
    """The values of each case of a test, and whether it is left to the attacks."""
    marks = getattr(test, "pytestmark", [])
    whole = any(mark.name == "attack" for mark in marks)
    given = next((mark.args[1] for mark in marks if mark.name == "parametrize"), [()])
    found = [pytest.param(*(each if isinstance(each, tuple) else (each,))) if not hasattr(each, "marks") else each
             for each in given]  # fmt: skip
    return [(tuple(each.values), whole or any(mark.name == "attack" for mark in each.marks)) for each in found]


def walks() -> Iterator[tuple[str, list[tuple[tuple[Any, ...], bool]]]]:
    for name in MODULES:
        module = import_module(name)
        assert "attack" not in str(getattr(module, "pytestmark", "")), name
        for test, function in vars(module).items():
            if test.startswith("test_"):
                yield f"{name}.{test}", cases(function)


def test_every_walk_is_taken_in_the_fast_suite() -> None:
    found = dict(walks())
    assert len(found) > 70
    assert [name for name, those in found.items() if all(left for _values, left in those)] == []


@pytest.mark.parametrize("left", [False, True], ids=["make test", "make attack"])
def test_either_size_colour_and_language_is_seen_everywhere(left: bool) -> None:
    taken = [values for _name, those in walks() for values, late in those if late == left]
    for one, other in ((1440, 390), ("light", "dark")):
        seen = [value for values in taken for value in values if value in (one, other)]
        assert len(seen) / 4 <= seen.count(one) <= len(seen) * 3 / 4, seen
    spoken = {value in ENGLISH for values in taken for value in values if "@" in str(value)}
    assert spoken == {True, False}


def test_what_one_leaves_out_the_other_runs(request: pytest.FixtureRequest) -> None:
    """By the mark alone: whatever carries it is left out by default, and is all that `make attack` runs."""
    assert request.config.getini("addopts")[-2:] == ["-m", "not attack"]
    recipes = (ROOT / "Makefile").read_text().split("\n\n")
    by_name = {name: next(each for each in recipes if f"\n{name}: " in f"\n{each}") for name in ("test", "attack")}
    assert "-m attack" in by_name["attack"] and "-m " not in by_name["test"].replace("-m pytest", "")
    assert (ROOT / ".ci" / "run").read_text().split()[-4:] == ["make", "test", "make", "attack"]


def test_a_way_is_taken_once_at_first_and_again_later() -> None:
    @ways("who, width", ("ann", 1440), again=[("eve", 390)])
    def test_a_walk() -> None: ...

    assert cases(test_a_walk) == [(("ann", 1440), False), (("eve", 390), True)]
    with pytest.raises(AssertionError, match="once more"):
        ways("width", (1440,), again=[])
