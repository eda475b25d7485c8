"""The list of leads."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from leadcrm.auth.models.people import User
from leadcrm.auth.services import preferences
from leadcrm.core.db import get_or_404, now, session
from leadcrm.core.drawing import drawn, pattern
from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.language import current_language
from leadcrm.core.fields.money import Money
from leadcrm.core.paging import MOST_COUNTED, Page, paginate
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.core.web import address_of, chosen_here, render, url_if
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries.counting import count_in, counting, finds_no_more
from leadcrm.leads.queries.lists import Choices, Column, choices, gathered, leads_with, with_searched
from leadcrm.leads.queries.owners import possible_owners
from leadcrm.leads.services import leads
from leadcrm.leads.views import chosen
from leadcrm.leads.views.cells import cell_classes, day_of, heading
from leadcrm.leads.views.filters import fields_of_menu
from leadcrm.leads.views.kept_rows import kept_rows
from leadcrm.leads.views.list_state import NAMES, NONE, SIZES, ListState, Pairs, address, read_state
from leadcrm.leads.views.list_tools import beginning, tools_of
from leadcrm.leads.views.routes import bp

NAMED = {"owner", "source", "label"}  # filters whose chips name what an id stands for


@bp.get("/", permission=Leads.VIEW)
def list_leads() -> ResponseReturnValue:
    viewer, begins = signed_in_viewer(), beginning()
    if begins and not request.args:
        return redirect(f"{address_of('leads.list_leads')}?{begins}", 303)
    state = read_state(address_of("leads.list_leads"), request.args, viewer, preferences.taste())
    if begins and not state.view:
        state.says_all()
    if "remember" in request.args and state.chosen:
        preferences.keep_columns("leads", list(state.chosen))
    offered = gathered(session.execute(choices())) if state.typed.keys() & NAMED else Choices()
    listed = with_searched(leads_with(state.filters, state.columns), state.filters.q)
    page = paginate(session, listed, state.sort, state.cursor, state.size, counting(viewer, state.filters))
    page = replace(page, count=count_in(page, viewer, state.filters))
    is_full = finds_no_more(session, page, state.filters)
    return render(
        "leads/list.html", "leads/_list.html", listed=_listed(state, page, offered, is_full),
        sees_company=viewer.scope == Scope.COMPANY,
    )  # fmt: skip


def _listed(state: ListState, page: Page, offered: Choices, is_full: bool) -> Markup:
    """The list and its tools, drawn once for every combination of them; rows and counts are filled in."""
    refused, deeds = bool(state.refused), chosen.offered()
    fields = render_template("leads/_filters.html", state=state, **fields_of_menu()) if refused else ""
    holes = {
        "rows": _rows(state, page, may_choose=bool(deeds)), "fields": fields, "lead_address": state.address(),
        "newer": state.address(page=page.newer), "older": state.address(page=page.older),
        **_counted(page.count or 0, is_full, current_language()),
    }  # fmt: skip
    return drawn(
        "leads/_table.html", holes, is_refused=refused, has_rows=bool(page.rows), is_filtered=bool(state.typed),
        searched_nothing="q" in state.typed and not state.filters.q, search_is_full=is_full, has_newer=bool(page.newer),
        has_older=bool(page.older), chips=tuple(_chips(state, offered)), owners_url=url_if("leads.list_owners"),
        besides_filters=state.kept(*state.filter_names), besides_columns=(*state.kept("column"), ("remember", "yes")),
        filters_url=state.at(address_of("leads.list_filters")), columns_url=state.at(address_of("leads.list_columns")),
        tools=tools_of(state), gone=tuple(state.gone), cleared_url=state.cleared, sizes=_sizes(state),
        lead_url=state.path,
        comfortable=chosen_here("rows") == "comfortable",
        deeds=deeds, new_url=url_if("leads.new_lead"),
        import_url=url_if("imports.start"), **_headings_of(state),
    )  # fmt: skip


def _headings_of(state: ListState) -> dict[str, Any]:
    order = (state.sort.name, state.sort.descending)
    return _headings(state.path, tuple(state.pairs), state.columns, state.usual, *order, current_language())


@lru_cache(maxsize=4_200)  # every number that is counted to, with and without more, in two languages
def _counted(count: int, is_full: bool, _language: str) -> dict[str, str]:
    said = _("1,000") if count >= MOST_COUNTED else str(count)
    more = "+" if count and (is_full or count > MOST_COUNTED) else ""
    return {"count": said + more, "leads": ngettext("lead", "leads", count)}


def _sizes(state: ListState) -> tuple[tuple[int, str, bool], ...]:
    return tuple((size, state.address(size=str(size)), size == state.size) for size in SIZES)


def _rows(state: ListState, page: Page, *, may_choose: bool) -> Markup:
    """Most of the page, and most of it as it was the last time somebody looked."""
    row = pattern("leads/_row.html", ("id", "name", "reference", "cells"), may_choose=may_choose, lead_url=state.path)
    moment = now()
    known = kept_rows(state.columns, state.usual, may_choose, state.path, current_language(), day_of(moment))
    return known.written(row, page.rows, moment)


@dataclass(frozen=True)
class Heading:
    """A column heading; its address sorts by it, the other way round when it is sorted already."""

    name: str
    label: str
    classes: str = ""
    url: str | None = None
    direction: str | None = None


@lru_cache(maxsize=512)
def _headings(
    path: str, pairs: Pairs, columns: tuple[Column, ...], usual: bool, sort: str, descending: bool, _language: str
) -> dict[str, Any]:
    """Headings, the name's first: the same as long as the address is."""

    def heading_of(name: str, label: str, sorts_by: str | None, classes: str = "") -> Heading:
        if not sorts_by:
            return Heading(name, label, classes)
        is_sorted = sort == sorts_by
        down = not descending if is_sorted else sorts_by in ("created", "amount")
        url = address(path, pairs, sort=f"{'-' if down else ''}{sorts_by}")
        direction = ("descending" if descending else "ascending") if is_sorted else None
        return Heading(name, label, classes, url, direction)

    first = heading_of("name", facts_of(Lead)["household_name"].label, "name")
    others = (heading_of(each.name, heading(each), each.sort, cell_classes(each, usual)) for each in columns)
    return {"headings": (first, *others)}


def _chips(state: ListState, offered: Choices) -> Any:
    """Label, value and the address without it, for every filter that is on."""
    for each in state.filters.extra or ():
        for said, left in each.parts or ((each.said, None),):
            yield each.label, said, state.address(**{each.name: left})
    for name, typed in state.typed.items():
        if name in NAMES and name not in state.refused and (name != "q" or state.filters.q):
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


@bp.get("/owners", permission=Leads.ASSIGN)
def list_owners() -> ResponseReturnValue:
    """What the bar under the list offers to assign to: fetched when the first row is chosen, which few lists see.

    Without a script the button asks instead, on a page of its own.
    """
    return render_template("leads/_owners.html", owners=possible_owners())


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
