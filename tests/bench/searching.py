"""Searching: what the database takes for everything that a box may be asked, as the manager and as the agent."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote_plus

from sqlalchemy import select

from leadcrm.app import create_app
from leadcrm.core.databases import worker_database_url
from leadcrm.core.db import database, session
from leadcrm.core.scope import Everything, Viewer, viewing_as
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.services import indexing
from leadcrm.leads.services.finding import found_by
from leadcrm.searching.queries.results import results
from leadcrm.searching.views.search import SUGGESTED
from tests.bench import servers
from tests.bench.browser import Browser
from tests.bench.instance import Bench
from tests.bench.load import Target, Timing, measured
from tests.bench.statements import viewer_of

TURNS = 3
PEOPLE = 5  # of whom everything is asked that may be remembered
GOALS = {"manager": 30.0, "agent": 15.0}  # milliseconds, p95
PAGE_MS = 40.0
RESULTS, LIST = "page of results", "list of leads narrowed by words"  # the list goes on to the thousandth lead
PAGES = {RESULTS: "/search/?q=", LIST: "/leads/?q="}


@dataclass(frozen=True)
class Searched:
    """Milliseconds at the database."""

    who: str
    questions: int
    median: float
    p95: float
    slowest: str

    @property
    def row(self) -> str:
        return (
            f"| search, {self.who} ({self.questions} questions) | {self.median:.1f} ms | {self.p95:.1f} ms "
            f"| {GOALS[self.who]:.0f} ms | {self.slowest} |"
        )


@dataclass(frozen=True)
class Shown:
    """A page of what was found, over TLS, for all questions in turn."""

    name: str
    timing: Timing

    @property
    def row(self) -> str:
        reached = "reached" if self.timing.p95 < PAGE_MS else "**missed**"
        goal = f"{PAGE_MS:.0f} ms: {reached}" if self.name.startswith(RESULTS) else ""
        return f"| {self.name} | {self.timing.p50:.1f} ms | {self.timing.p95:.1f} ms | {goal} |"


def measured_pages_of_searches(bench: Bench) -> Iterator[Shown]:
    authority = str(bench.config.instance / "tls" / "ca.pem")
    with servers.product(bench.config) as address:
        for who, account in (("agent", bench.ann), ("manager", bench.meg)):
            browser, known = Browser(address, authority), bench.record.known[account.email]
            browser.sign_in(account.email, known.password, known.totp_secret)
            with viewing_as(viewer_of(account)):
                questions = sorted(set(_questions()))
                session.rollback()
            for name, path in PAGES.items():
                requests = [browser.request(path + quote_plus(typed)) for typed in questions]
                yield Shown(f"{name}, {who}", measured(Target(address, authority, requests), 1))


def measured_searches(bench: Bench) -> list[Searched]:
    """As a job does after leads came in, names are read first."""
    worker = create_app(bench.config, worker_database_url(bench.config))
    with worker.app_context(), viewing_as(Everything("names, before searching is measured")):
        indexing.read_names(anew=False)
        database().close()
    return [_searched(who, viewer_of(account)) for who, account in (("agent", bench.ann), ("manager", bench.meg))]


def _searched(who: str, viewer: Viewer) -> Searched:
    with viewing_as(viewer):
        took = {typed: _took(viewer, typed) for typed in sorted(set(_questions()))}
        session.rollback()
    slowest = max(took, key=lambda typed: took[typed])
    times = sorted(took.values())
    return Searched(who, len(times), statistics.median(times), times[int(len(times) * 0.95)], slowest)


def _questions() -> Iterator[str]:
    """Of people that the viewer sees: names whole, begun and mistyped, numbers, addresses; and words of notes."""
    yield from ("van", "jan", "de vries", "van der berg", "amsterdam", "gesproken", "belt terug", "Onvindbaarstein")
    people = select(Person).where(Person.phone.is_not(None), Person.birth_name.is_not(None)).order_by(Person.id)
    for person in session.scalars(people.limit(PEOPLE)):
        name = str(person.birth_name)
        yield from (name, name[:4], f"{person.call_name or ''} {name}", name[:2] + name[3:], str(person.phone))
        yield from (f"{person.postcode or ''} {person.house_number or ''}", str(person.email), str(person.city))
    yield from session.scalars(select(Lead.reference).order_by(Lead.id).limit(PEOPLE))


def _took(viewer: Viewer, typed: str) -> float:
    """The best of a few, since the machine has other things to do."""
    asked = found_by(viewer.company_id, typed, ranked=True)
    return min(_once(asked) for _turn in range(TURNS)) if asked else 0.0


def _once(asked: str) -> float:
    began = time.perf_counter()
    session.execute(results(asked, SUGGESTED + 1)).all()
    return (time.perf_counter() - began) * 1000


def table(searches: list[Searched], shown: list[Shown]) -> list[str]:
    head = ["| at the database | median | p95 | goal | slowest |", "|---|---|---|---|---|"]
    pages = ["", "| what was found, over TLS, one client | p50 | p95 | goal |", "|---|---|---|---|"]
    return [*head, *(each.row for each in searches), *pages, *(each.row for each in shown)]
