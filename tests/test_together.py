"""Many cases in one test prove as much as one test for each: all are tried, and one that fails is enough."""

import pytest

from tests.together import together


def hold(*problems: BaseException | None) -> None:
    with together() as case:
        for number, problem in enumerate(problems):
            with case(f"case {number}"):
                if problem:
                    raise problem


def test_every_case_is_tried_and_every_one_that_fails_is_named() -> None:
    with pytest.raises(pytest.fail.Exception) as told:
        hold(None, AssertionError("odd"), None, AssertionError("also odd"), None)
    assert "2 of 5 fail" in str(told.value)
    assert "case 1: AssertionError: odd" in str(told.value) and "case 3" in str(told.value)
    assert "case 2" not in str(told.value)


@pytest.mark.parametrize("problem", [ValueError("x"), AssertionError("x"), pytest.fail.Exception("x")])
def test_whatever_is_raised_is_a_failure(problem: BaseException) -> None:
    with pytest.raises(pytest.fail.Exception, match="1 of 2 fail"):
        hold(problem, None)


def test_no_case_at_all_is_a_failure() -> None:
    with pytest.raises(AssertionError, match="not one case"):
        hold()


def broken_outside() -> None:
    with together() as case:
        with case("fine"):
            pass
        raise KeyError("outside")


def test_what_breaks_outside_a_case_breaks_the_test() -> None:
    with pytest.raises(KeyError):
        broken_outside()
