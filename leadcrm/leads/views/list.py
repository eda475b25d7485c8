"""The list of leads, and handing over what was selected in it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, flash, get_template_attribute, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from leadcrm.auth.models.people import User
from leadcrm.auth.services import preferences
from leadcrm.core.db import get_or_404, session
from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.money import Money
from leadcrm.core.paging import Page, paginate
from leadcrm.core.patterns import Pattern
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.core.web import may_open, render
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries.lists import COLUMNS, Choices, choices, counted, gathered, leads_with
from leadcrm.leads.services import leads
from leadcrm.leads.views.cells import cell_classes, heading, row_cells
from leadcrm.leads.views.filters import fields_of_menu
from leadcrm.leads.views.list_state import FILTERS, NONE, SIZES, ListState, read_state
from leadcrm.leads.views.routes import bp

MOST_AT_ONCE = 100


@bp.get("/", permission=Leads.VIEW)
def list_leads() -> ResponseReturnValue:
    viewer = signed_in_viewer()
    state = read_state(url_for("leads.list_leads"), request.args, viewer, preferences.taste())
    if "remember" in request.args and state.chosen:
        preferences.keep_columns("leads", list(state.chosen))
    names_needed = viewer.can(Leads.ASSIGN) or state.typed.keys() & {"owner", "source", "label"}
    offered = gathered(session.execute(choices())) if names_needed else Choices()
    listed = leads_with(state.filters, state.columns)
    page = paginate(session, listed, state.sort, state.cursor, state.size, counted(state.filters))
    shown = _shown(state, page, offered) | (fields_of_menu() if state.refused else {})
    return render("leads/list.html", "leads/_list.html", state=state, **shown)


def _shown(state: ListState, page: Page, offered: Choices) -> dict[str, Any]:
    """Everything the template needs, worked out so that it only has to write it down."""
    return {
        "rows": _rows(state, page),
        "lead_url": url_for("leads.list_leads"),
        "headings": [_heading(state, column.name, heading(column), column) for column in state.columns],
        "name_heading": _heading(state, "name", facts_of(Lead)["household_name"].label, None),
        "newer_url": state.address(page=page.newer) if page.newer else None,
        "older_url": state.address(page=page.older) if page.older else None,
        "sizes": [(size, state.address(size=str(size)), size == state.size) for size in SIZES],
        "count": page.count or 0,
        "chips": list(_chips(state, offered)),
        "offered": offered,
        "columns": [(column.name, heading(column), column in state.columns) for column in COLUMNS],
        "filters_url": state.at(url_for("leads.list_filters")),
        "filter_names": FILTERS,
        "sees_company": signed_in_viewer().scope == Scope.COMPANY,
    }


def _rows(state: ListState, page: Page) -> Markup:
    """Written by a pattern: this is most of the page."""
    may_assign, lead_url = may_open("leads.assign_leads"), url_for("leads.list_leads")
    macro = get_template_attribute("leads/_row.html", "row")
    row = Pattern(macro, ("id", "name", "reference", "cells"), may_assign=may_assign, lead_url=lead_url)
    cells = row_cells(state.columns, state.usual)
    return row.filled((lead.id, lead.name or lead.reference, lead.reference, cells(lead)) for lead in page.rows)


@dataclass
class Heading:
    """A column heading; its address sorts by it, the other way round when it is sorted already."""

    name: str
    label: str
    classes: str = ""
    url: str | None = None
    direction: str | None = None


def _heading(state: ListState, name: str, label: str, column: Any) -> Heading:
    sort = "name" if column is None else column.sort
    shown = Heading(name, label, cell_classes(column, state.usual) if column else "")
    if sort:
        is_sorted = state.sort.name == sort
        descending = not state.sort.descending if is_sorted else sort in ("created", "amount")
        shown.url = state.address(sort=f"{'-' if descending else ''}{sort}")
        shown.direction = ("descending" if state.sort.descending else "ascending") if is_sorted else None
    return shown


def _chips(state: ListState, offered: Choices) -> Any:
    """Label, value and the address without it, for every filter that is on."""
    for name, typed in state.typed.items():
        if name not in state.refused and (name != "q" or state.filters.q):
            yield filter_label(name), _said(state, offered, name, typed), state.address(**{name: None})


def filter_label(name: str) -> str:
    match name:
        case "q":
            return str(_("Search"))
        case "amount_from" | "amount_to":
            return facts_of(Lead)["mortgage_amount"].label
        case "created_from" | "created_to":
            return facts_of(Lead)["created_at"].label
        case "stage" | "goal":
            return facts_of(Lead)[name].label
        case _:
            return facts_of(Lead)[f"{name}_id"].label


def _said(state: ListState, offered: Choices, name: str, typed: str) -> str:
    filters = state.filters
    match name, typed:
        case "stage", _ if filters.closed is not None:
            return str(_("All closed") if filters.closed else _("All open"))
        case (("stage" | "goal"), _):
            return str(getattr(filters, name).label)
        case "owner", "none":
            return str(_("Nobody"))
        case (("owner" | "source" | "label"), _):
            return offered.name_of(name, getattr(filters, name)) or typed
        case (("amount_from" | "amount_to"), _):
            shown = Money().show(getattr(filters, name))
        case (("created_from" | "created_to"), _):
            shown = Date().show(getattr(filters, name))
        case _:
            return typed
    return str(_("from %(value)s", value=shown) if name.endswith("from") else _("up to %(value)s", value=shown))


@bp.post("/assign", permission=Leads.ASSIGN, step_up=True)
def assign_leads() -> ResponseReturnValue:
    """Several leads at once: all of them, or none when one is not there for this viewer."""
    ids = _ids(request.form.getlist("id"))
    chosen = leads.leads_by_id(ids)
    if len(chosen) != len(ids) or len(ids) > MOST_AT_ONCE:
        abort(404)
    agent = agent_named(request.form.get("owner", ""))
    batch = leads.assign(chosen, agent, by=signed_in_viewer()) if ids else None
    _tell_assigned(batch, len(chosen), agent)
    return redirect(back_to_list(request.form.get("back", "")), 303)


def _ids(typed: list[str]) -> list[UUID]:
    try:
        return list({UUID(each) for each in typed})
    except ValueError:
        abort(404)


def agent_named(typed: str) -> User | None:
    """A colleague of this company who can work on leads; None for nobody. Anybody else is not found."""
    if typed == NONE:
        return None
    try:
        agent = get_or_404(User, UUID(typed))
    except ValueError:
        abort(404)
    if not agent.active or agent.company_id != signed_in_viewer().company_id:
        abort(404)
    return agent


def _tell_assigned(batch: UUID | None, many: int, agent: User | None) -> None:
    if batch is None:
        flash(_("Nothing was changed: select leads that somebody else has."), "info")
        return
    name = agent.name if agent else _("nobody")
    text = ngettext("%(num)s lead assigned to %(name)s.", "%(num)s leads assigned to %(name)s.", many, name=name)
    flash({"text": text, "action_url": url_for("leads.undo_assign", batch=batch), "action_label": _("Undo")}, "success")  # type: ignore[arg-type]  # see core/_notices.html


@bp.post("/assign/<uuid:batch>/undo", permission=Leads.ASSIGN, step_up=True)
def undo_assign(batch: UUID) -> ResponseReturnValue:
    undone = leads.undo_assignment(batch, signed_in_viewer())
    if not undone:
        abort(404)
    flash(ngettext("%(num)s lead is back where it was.", "%(num)s leads are back where they were.", undone), "success")
    return redirect(url_for("leads.list_leads"), 303)


def back_to_list(address: str) -> str:
    """The list as it was; never another page or site."""
    base = url_for("leads.list_leads")
    return address if address.startswith(f"{base}?") and address.isprintable() else base
