"""What is kept: as much as there is room for, by threads at once too."""

from concurrent.futures import ThreadPoolExecutor

from leadcrm.core.kept import Kept


def test_what_came_first_goes_first() -> None:
    kept = Kept(2)
    assert [kept.keep(number, number * 10) for number in (1, 2, 3)] == [10, 20, 30]
    assert kept == {2: 20, 3: 30}
    kept.keep(2, 21)
    assert kept.get(2) == 21


def test_threads_share_one() -> None:
    kept = Kept(5)

    def keep_many(first: int) -> None:
        for number in range(first, first + 5_000):
            kept.keep(number % 50, number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(keep_many, range(4)))  # none fails
    assert len(kept) == 5
