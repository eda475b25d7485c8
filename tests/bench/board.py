"""The board over TLS, in a company of 300,000: its first paint, a column with its figures, a card that is moved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.scope import viewing_as
from leadcrm.demo.services.offices import Account
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from leadcrm.pipelines.services.layout import Stop, layout_of
from tests.bench import servers
from tests.bench.browser import Browser, form_of
from tests.bench.instance import Bench
from tests.bench.load import Target, Timing, measured
from tests.bench.statements import viewer_of

MOVED = 40  # cards, each there and back
PAINT_MS, MOVE_MS = 60.0, 30.0  # what is to be reached
HERE, THERE = Stage.APPOINTMENT_HELD, Stage.ENGAGED


@dataclass(frozen=True)
class Asked:
    name: str
    most: float | None
    size: int
    timing: Timing


def measured_board(made: Bench) -> list[Asked]:
    authority = str(made.config.instance / "tls" / "ca.pem")
    found: list[Asked] = []
    with servers.product(made.config) as address:
        for who, account in (("manager", made.meg), ("agent", made.ann)):
            browser, known = Browser(address, authority), made.record.known[account.email]
            browser.sign_in(account.email, known.password, known.totp_secret)
            found += _of(browser, who, account)
    return found


def _of(browser: Browser, who: str, account: Account) -> Iterator[Asked]:
    stops, leads = _standing(account)
    column = f"/pipelines/board/column?step={stops[HERE].id}"
    yield _got(browser, f"board, {who}: first paint", "/pipelines/board", PAINT_MS)
    yield _got(browser, f"board, {who}: a column of cards with its figures", column, PAINT_MS)
    moves = [_move(browser, lead, stops[stage]) for stage in (THERE, HERE) for lead in leads]
    timing = measured(Target(browser.base_url, browser.authority, moves, expected=303), 1)
    yield Asked(f"board, {who}: a card is moved", MOVE_MS, 0, timing)


def _standing(account: Account) -> tuple[dict[Stage, Stop], Sequence[UUID]]:
    with viewing_as(viewer_of(account)):
        stops = {stage: layout_of(account.company_id).standard.by_stage[stage] for stage in (HERE, THERE)}
        either = Lead.stage.in_((HERE, THERE))  # runs before this one left some of them there
        cards = select(Lead.id).where(either, Lead.deleted_at.is_(None)).order_by(Lead.created_at.desc())
        leads = session.scalars(cards.limit(MOVED)).all()
        session.rollback()
    return stops, leads


def _got(browser: Browser, name: str, path: str, most: float) -> Asked:
    """As htmx asks for a part; the board itself is a whole page."""
    part = "column" in path
    request = browser.request(path)
    if part:
        request = request.replace(b"Accept:", b"HX-Request: true\r\nHX-Request-Type: partial\r\nAccept:", 1)
    timing = measured(Target(browser.base_url, browser.authority, [request]), 1)
    return Asked(name, most, 0 if part else len(browser.get(path).body), timing)


def _move(browser: Browser, lead: UUID, stop: Stop) -> bytes:
    path = f"/pipelines/leads/{lead}/move"
    form = form_of(browser.get(path).body.decode(), "back")
    return browser.request(path, [*form, ("step", str(stop.id))])


def written(board: Sequence[Asked]) -> Iterator[str]:
    yield "| board over TLS, a company of 300,000, one client | p50 / p95 | |"
    yield "|---|---|---|"
    for asked in board:
        size = f" ({asked.size / 1000:.0f} kB)" if asked.size else ""
        reached = "reached" if asked.most is None or asked.timing.p95 < asked.most else "**missed**"
        goal = f"under {asked.most:.0f} ms: {reached}" if asked.most else ""
        yield f"| {asked.name}{size} | {asked.timing.p50:.1f} / {asked.timing.p95:.1f} ms | {goal} |"
