"""The board: a column for each step, loaded when it comes into sight."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from leadcrm.core.db import now, session
from leadcrm.core.fields.language import in_dutch
from leadcrm.core.fields.money import Money
from leadcrm.core.paging import MOST_COUNTED, Place, cursor_of, place_of
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.core.web import render, wants_fragment
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries.lists import choices, gathered
from leadcrm.leads.views.cells import DayWords
from leadcrm.pipelines.queries import board as queries
from leadcrm.pipelines.services.layout import Layout, Stop, layout_of
from leadcrm.pipelines.views.board_state import ME, NONE, BoardState, read_state
from leadcrm.pipelines.views.routes import bp

MILLION = 1_000_000_00


@dataclass(frozen=True)
class Card:
    """A lead as it lies on the board."""

    id: UUID
    name: str
    reference: str
    amount: str
    goal: str
    since: str
    owner: str
    label: str
    action: str
    action_day: str
    is_late: bool
    other_stage: str  # when it is not the one that its column counts as


@bp.get("/board", permission=Leads.VIEW)
def show_board() -> ResponseReturnValue:
    """The columns without their cards; without a script one of them, which the address names, with its cards."""
    viewer = signed_in_viewer()
    layout = layout_of(viewer.company_id)
    state = read_state(layout, request.args, viewer)
    chosen = next((stop for stop in state.line.stops if str(stop.id) == request.args.get("step")), None)
    return render(
        "pipelines/board.html", "pipelines/_board.html", layout=layout, state=state, chosen=chosen,
        offered=gathered(session.execute(choices())), sees_company=viewer.scope == Scope.COMPANY,
        owners=_owners(), may_move=viewer.can(Leads.EDIT) and not viewer.read_only,
        column=_column(layout, state, chosen) if chosen else {},
    )  # fmt: skip


def _owners() -> list[tuple[str, str]]:
    return [(ME, _("Me")), (NONE, _("Nobody"))]


@bp.get("/board/column", permission=Leads.VIEW)
def show_column() -> ResponseReturnValue:
    """The first cards of a column with its figures, or those after the last."""
    layout, stop = stop_or_404()
    state = read_state(layout, request.args, signed_in_viewer())
    if not wants_fragment():
        return redirect(state.of(stop, "pipelines.show_board"), 303)
    return render_template("pipelines/_cards.html", **_column(layout, state, stop, request.args.get("page")))


def stop_or_404() -> tuple[Layout, Stop]:
    layout = layout_of(signed_in_viewer().company_id)
    stop = next((stop for stop in layout if str(stop.id) == request.args.get("step")), None)
    return layout, stop or abort(404)


def _column(layout: Layout, state: BoardState, stop: Stop, cursor: str | None = None) -> dict[str, Any]:
    place = place_of(cursor, state.sort)
    parts = layout.parts(stop)
    rows = session.execute(queries.cards(parts, state.narrowed, state.sort, place)).all()
    more, rows = len(rows) > queries.CARDS, rows[: queries.CARDS]
    older = cursor_of(Place(rows[-1].stage_since, rows[-1].id), state.sort) if more else None
    return {
        "stop": stop, "state": state, "cards": cards_of(rows, stop), "older": older, "is_first": place is None,
        "total": total_of(layout, state, stop) if place is None else "",
        "may_move": signed_in_viewer().can(Leads.EDIT) and not signed_in_viewer().read_only,
    }  # fmt: skip


@bp.get("/board/total", permission=Leads.VIEW)
def show_total() -> ResponseReturnValue:
    """The figures above a column, after a card came or went."""
    layout, stop = stop_or_404()
    state = read_state(layout, request.args, signed_in_viewer())
    if not wants_fragment():
        return redirect(state.of(stop, "pipelines.show_board"), 303)
    return render_template("pipelines/_total.html", stop=stop, state=state, total=total_of(layout, state, stop))


def total_of(layout: Layout, state: BoardState, stop: Stop) -> str:
    """`12 leads · € 3,4 mln`; of more than can be counted at once, at least so much."""
    row = session.execute(queries.total(layout.parts(stop), state.narrowed)).one()
    if row.many > MOST_COUNTED:
        return str(_("%(many)s+ leads · over %(amount)s", many=_("1,000"), amount=short_money(row.amount)))
    many = ngettext("%(num)s lead", "%(num)s leads", row.many)
    return f"{many} · {short_money(row.amount)}" if row.amount else many


def short_money(cents: int | None) -> str:
    """`€ 3,4 mln`: what is above a column is looked at in passing."""
    if not cents or cents < MILLION:
        return Money().show(cents or 0)
    figure = f"{int(cents) / MILLION:,.1f}"
    if in_dutch():
        return f"€ {figure.translate(str.maketrans(',.', '.,'))} mln"
    return f"€ {figure}m"


def cards_of(rows: Any, stop: Stop | None) -> list[Card]:
    words = DayWords(now())
    return [_card(row, stop, words) for row in rows]


def _card(row: Any, stop: Stop | None, words: DayWords) -> Card:
    at = row.next_action_at
    return Card(
        id=row.id, name=row.name or row.reference, reference=row.reference,
        amount=short_money(row.mortgage_amount) if row.mortgage_amount else "",
        goal=row.goal.label if row.goal else "", since=words.day(row.stage_since), owner=row.owner or "",
        label=row.label or "", action=row.next_action or "", action_day=words.day(at) if at else "",
        is_late=bool(at and at < words.now),
        other_stage=row.stage.label if stop and row.stage != stop.stage else "",
    )  # fmt: skip
