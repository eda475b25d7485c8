"""The ways in which a walk is taken: one of them in `make test`, the same walk at another size or for others too."""

from typing import Any

import pytest

Way = tuple[Any, ...]


def ways(names: str, *first: Way, again: list[Way]) -> pytest.MarkDecorator:
    """Widths, themes and languages alternate between walks; the ones `again` complete the cross, with the attacks."""
    assert first and again, "somebody walks in `make test`, somebody else once more"
    return pytest.mark.parametrize(
        names.split(", "), [*first, *(pytest.param(*way, marks=pytest.mark.attack) for way in again)]
    )
