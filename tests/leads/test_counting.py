"""How many leads there are: counted each time, but not again for a while where it says "1,000+"."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from unittest.mock import patch

import pytest

from leadcrm.core.paging import Page
from leadcrm.core.scope import Scope, Viewer
from leadcrm.leads.models.terms import Goal, Stage
from leadcrm.leads.queries import counting
from leadcrm.leads.queries.counting import SECONDS, count_in
from leadcrm.leads.queries.lists import Filters, Narrowing
from tests.people import ANN, BOB, HOME

HERS = Viewer(Scope.OWN, HOME, ANN.id)
ALL = Filters()


@pytest.fixture(autouse=True)
def clock() -> Iterator[Callable[[float], None]]:
    """Nothing is known yet; and the seconds go by as they are told to."""
    with patch.object(counting, "monotonic", return_value=100.0) as told:
        counting.more_than_counted.clear()
        yield lambda seconds: setattr(told, "return_value", told.return_value + seconds)
        counting.more_than_counted.clear()


def is_counted(viewer: Viewer = HERS, filters: Filters = ALL) -> bool:
    return counting.counting(viewer, filters) is not None


def test_few_are_counted_each_time() -> None:
    assert count_in(Page(["row"], count=1000), HERS, ALL) == 1000
    assert is_counted()
    assert count_in(Page([], count=None), HERS, ALL) == 0


def test_many_are_counted_once_a_minute(clock: Callable[[float], None]) -> None:
    assert count_in(Page(["row"], count=1001), HERS, ALL) == 1001
    assert not is_counted()
    assert count_in(Page(["row"]), HERS, ALL) == 1001
    clock(SECONDS - 1)
    assert not is_counted()
    clock(1)
    assert is_counted()


@pytest.mark.parametrize(
    "other",
    [Viewer(Scope.OWN, HOME, BOB.id), Viewer(Scope.COMPANY, HOME, ANN.id), Viewer(Scope.OWN, BOB.id, ANN.id)],
    ids=["somebody else", "who sees more", "another company"],
)
def test_of_one_viewer_nothing_is_known_for_another(other: Viewer) -> None:
    count_in(Page(["row"], count=1001), HERS, ALL)
    assert is_counted(other)


def test_what_plugins_narrow_is_counted_each_time() -> None:
    brought = Filters(extra=(Narrowing("tag", "Tag", "VIP", lambda statement: statement, orders={}),))
    assert count_in(Page(["row"], count=1001), HERS, brought) == 1001
    assert is_counted(filters=brought)


def test_of_one_filter_nothing_is_known_for_another() -> None:
    new = Filters(stage=Stage.NEW)
    count_in(Page(["row"], count=1001), HERS, new)
    assert not is_counted(filters=replace(new))
    assert is_counted() and is_counted(filters=replace(new, goal=Goal.REMORTGAGE))
