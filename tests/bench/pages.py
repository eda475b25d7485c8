"""The pages that people open most, and saving: asked over TLS as a browser would, by one client and by eight."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.scope import viewing_as
from leadcrm.demo.services.offices import Account
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.queries.lists import Filters
from tests.bench import servers
from tests.bench.browser import Browser, changed, form_of
from tests.bench.instance import Bench
from tests.bench.load import EIGHT, Target, Timing, measured
from tests.bench.papers import FEW, papers_in
from tests.bench.papers import MANY as MANY_PAPERS
from tests.bench.statements import viewer_of

MANY = 40  # leads that are opened and saved in turn
LIST = "/leads/"
FILTERED = "/leads/?stage=advice"
FILTERS = Filters(stage=Stage.ADVICE)
WITH_PAPERS, PAPERS = "a lead with {} documents", "the {} documents of a lead"
SEARCH = "/leads/?q=van+den+berg"


@dataclass(frozen=True)
class Page:
    """What was asked, and how it went."""

    name: str
    size: int  # bytes of an answer
    alone: Timing
    together: Timing


@dataclass(frozen=True)
class Pages:
    product: list[Page]
    bare: Page  # of the size of the agent's list


def measured_pages(made: Bench) -> Pages:
    authority = str(made.config.instance / "tls" / "ca.pem")
    with servers.product(made.config) as address:
        product = _product(made, address, authority)
    with servers.bare(made.config, product[0].size) as address:
        asked = Browser(address, authority).request("/")
        bare = _page("bare Flask page", Target(address, authority, [asked]), product[0].size)
    return Pages(product, bare)


def _product(made: Bench, address: str, authority: str) -> list[Page]:
    ann, meg = (_signed_in(made, account, address, authority) for account in (made.ann, made.meg))
    leads = [f"/leads/{ident}" for ident in _leads_of(made.ann)]
    found = [_asked(browser, name, [path]) for browser, name, path in (
        (ann, "list, agent", LIST), (ann, "filtered list, agent", FILTERED), (ann, "search, agent", SEARCH),
        (meg, "list, manager", LIST), (meg, "filtered list, manager", FILTERED), (meg, "search, manager", SEARCH),
    )]  # fmt: skip
    return [*found, _asked(ann, "a lead", leads), _saved(ann, leads), *_with_papers(made, ann, leads)]


def _with_papers(made: Bench, ann: Browser, leads: Sequence[str]) -> list[Page]:
    """The page of a lead, and the panel of its documents that is loaded into it."""
    counts = {path.rpartition("/")[2]: count for path, count in zip(leads, (FEW, MANY_PAPERS), strict=False)}
    with papers_in(made, counts):
        return [
            _asked(ann, name.format(count), [path.format(lead)])
            for name, path in ((WITH_PAPERS, "/leads/{}"), (PAPERS, "/documents/lead/{}"))
            for lead, count in counts.items()
        ]


def _signed_in(made: Bench, account: Account, address: str, authority: str) -> Browser:
    browser, known = Browser(address, authority), made.record.known[account.email]
    browser.sign_in(account.email, known.password, known.totp_secret)
    return browser


def _leads_of(account: Account) -> Sequence[UUID]:
    """Some with everything filled in."""
    with viewing_as(viewer_of(account)):
        leads = select(Lead.id).where(Lead.stage == Stage.IN_SERVICE).order_by(Lead.created_at.desc()).limit(MANY)
        found = session.scalars(leads).all()
        session.rollback()
    return found


def _asked(browser: Browser, name: str, paths: Sequence[str]) -> Page:
    size = len(browser.get(paths[0]).body)
    return _page(name, Target(browser.base_url, browser.authority, [browser.request(path) for path in paths]), size)


def _saved(browser: Browser, leads: Sequence[str]) -> Page:
    """The section of the home with another value each time, so that every answer has changed something."""
    requests = []
    for turn in range(2):
        for lead in leads:
            path = f"{lead}/property/edit"
            form = form_of(browser.get(path).body.decode(), "market_value")
            requests.append(browser.request(path, changed(form, market_value=400_000 + 1_000 * turn)))
    return _page("saving a lead", Target(browser.base_url, browser.authority, requests, expected=303), 0)


def _page(name: str, target: Target, size: int) -> Page:
    return Page(name, size, measured(target, 1), measured(target, EIGHT))
