"""The manager's dashboard over TLS: worked out anew (cold), and as it was kept (warm)."""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from leadcrm.figures.services.periods import Days, Span, period_of, today
from tests.bench import servers
from tests.bench.browser import Browser
from tests.bench.instance import Bench

TIMES = 9
COLD_MS, WARM_MS = 300.0, 30.0  # what is to be reached


@dataclass(frozen=True)
class Dashboard:
    """Milliseconds at the median."""

    name: str
    cold: float
    warm: float


def measured_dashboards(made: Bench) -> list[Dashboard]:
    """As a manager and as an agent: a month as long as this one is now, and a year."""
    made.after_a_day()  # ten thousand leads were assigned and given back, and thousands came in
    authority = str(made.config.instance / "tls" / "ca.pem")
    with servers.product(made.config) as address:
        found = []
        for who, account in (("manager", made.meg), ("agent", made.ann)):
            browser, known = Browser(address, authority), made.record.known[account.email]
            browser.sign_in(account.email, known.password, known.totp_secret)
            for span in (Span.MONTH, Span.YEAR):
                found.append(_measured(browser, f"figures of {span.en.lower()}, {who}", period_of(span, today()).days))
    return found


def _measured(browser: Browser, name: str, days: Days) -> Dashboard:
    """Days that nobody asked for yet are worked out; asked again, they are kept."""
    cold, warm = [], []
    for path in _paths(days):
        cold.append(_took(lambda path=path: browser.get(path)))  # type: ignore[misc]  # its default is its value
        warm += [_took(lambda path=path: browser.get(path)) for _time in range(TIMES)]  # type: ignore[misc]
    return Dashboard(name, statistics.median(cold) * 1000, statistics.median(warm) * 1000)


def _paths(days: Days) -> Iterator[str]:
    for back in range(TIMES):
        first, last = (day - timedelta(days=back) for day in (days.first, days.last))
        yield f"/figures/?span=own&from={first:%d-%m-%Y}&until={last:%d-%m-%Y}"


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def written(dashboards: list[Dashboard]) -> Iterator[str]:
    yield ""
    yield f"| dashboard | worked out (under {COLD_MS:.0f} ms) | kept (under {WARM_MS:.0f} ms) |"
    yield "|---|---|---|"
    for each in dashboards:
        yield f"| {each.name} | {each.cold:.0f} ms | {each.warm:.1f} ms |"
