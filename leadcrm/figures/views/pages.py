"""The pages of figures and the files of what stands on them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core import downloads
from leadcrm.core.fields.dates import Moment, shown_date
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.core.web import may_open, render
from leadcrm.figures.permissions import Figures as May
from leadcrm.figures.services import figures as services
from leadcrm.figures.services import keeping
from leadcrm.figures.services.figures import Figures
from leadcrm.figures.services.periods import Days, Span
from leadcrm.figures.views import comparing, funnel
from leadcrm.figures.views.asking import NAMES, Asked, asked_for, known_agent
from leadcrm.figures.views.drawing import columns_of
from leadcrm.figures.views.routes import bp
from leadcrm.figures.views.tables import Behind, Table
from leadcrm.figures.views.tiles import tiles

Names = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Shown:
    """What pages and files are made of."""

    asked: Asked
    figures: Figures
    names: Names
    agent: str | None  # the name of the one that was asked for

    @property
    def behind(self) -> Behind:
        return Behind(self.asked.period.days, str(self.asked.agent or ""))


Maker = Callable[[Shown], Table]
PAGES: Mapping[str, Mapping[str, Maker]] = {
    "overview": {
        "funnel": lambda shown: funnel.funnel(shown.figures, shown.behind),
        "ended": lambda shown: funnel.ended(shown.figures, shown.behind),
        "speed": lambda shown: funnel.speed(shown.figures, shown.behind),
        "volume": lambda shown: funnel.months(shown.figures, Behind(None, shown.behind.agent)),
    },
    "origin": {
        "sources": lambda shown: _conversion(shown, "source", _("Conversion per source")),
        "labels": lambda shown: _conversion(shown, "label", _("Conversion per label")),
        "suppliers": lambda shown: _conversion(shown, "supplier", _("Conversion per supplier")),
    },
    "agents": {
        "agents": lambda shown: comparing.agents(shown.figures, shown.behind, shown.names),
        "no-shows": lambda shown: comparing.no_shows(
            shown.figures, shown.asked.period.days, shown.behind, shown.names),
    },
    "suppliers": {
        "quality": lambda shown: comparing.quality(shown.figures, shown.behind, shown.names),
        "returns": lambda shown: comparing.returns(shown.figures, shown.behind, shown.names),
    },
}  # fmt: skip
COMPARING = ("agents", "suppliers")  # for who may compare colleagues and suppliers


def _conversion(shown: Shown, dimension: str, title: str) -> Table:
    return comparing.conversion(dimension, title, shown.figures, shown.behind, shown.names)


def shown_for(asked: Asked) -> Shown:
    names = services.names()
    agent = known_agent(asked, names)
    return Shown(asked, keeping.figures_of(asked.period, asked.agent, asked.on), names, agent)


@bp.get("/", permission=May.VIEW)
def overview() -> ResponseReturnValue:
    return page("overview")


@bp.get("/origin", permission=May.VIEW)
def origin() -> ResponseReturnValue:
    return page("origin")


@bp.get("/agents", permission=May.COMPARE)
def agents() -> ResponseReturnValue:
    return page("agents")


@bp.get("/suppliers", permission=May.COMPARE)
def suppliers() -> ResponseReturnValue:
    return page("suppliers")


def page(name: str) -> ResponseReturnValue:
    asked = asked_for(request.args)
    frame: dict[str, Any] = {"which": name, "asked": asked, "spans": _spans(name, asked), "tabs": _tabs(asked)}
    if asked.refused:
        return render("figures/refused.html", **frame), 422
    shown = shown_for(asked)
    made = [maker(shown) for maker in PAGES[name].values()]
    return render(
        "figures/page.html", "figures/_page.html", **frame, **_words(shown), tables=made,
        tiles=tiles(shown.figures, asked.period.days, shown.behind) if name == "overview" else (),
        chart=columns_of(made[-1], shown.figures.months) if name == "overview" else None,
        is_empty=not (shown.figures.now.total.leads or shown.figures.before.total.leads),
        files={table.name: _file(name, table.name, asked) for table in made},
    )  # fmt: skip


def _words(shown: Shown) -> dict[str, Any]:
    asked, period = shown.asked, shown.asked.period
    return {
        "as_of": Moment().show(shown.figures.made_at), "days": days_words(period.days),
        "before": days_words(period.before), "agent": shown.agent, "agents": _agents(shown.names),
        "all_agents": url_of(request.endpoint or "", asked, "agent"),
    }  # fmt: skip


def days_words(days: Days) -> str:
    if days.first == days.last:
        return shown_date(days.first)
    first = shown_date(days.first)
    if days.first.year == days.last.year:
        first = first.rpartition(" ")[0]
    return str(_("%(first)s to %(last)s", first=first, last=shown_date(days.last)))


def _agents(names: Names) -> list[tuple[str, str]]:
    """Nothing to choose for who sees their own leads only."""
    if signed_in_viewer().scope != Scope.COMPANY:
        return []
    return sorted(names.get("owner", {}).items(), key=lambda each: each[1].casefold())


def _spans(name: str, asked: Asked) -> list[tuple[str, str, bool]]:
    kept: dict[str, Any] = asked.kept("span", "from", "until")
    return [
        (span.label, url_for(f".{name}", **kept, span=str(span)), span == asked.period.span)
        for span in Span if span != Span.OWN
    ]  # fmt: skip


def _tabs(asked: Asked) -> list[tuple[str, str, str]]:
    """The pages beside each other, for the same period; comparing agents, for all of them."""
    words = {
        "overview": _("Overview"), "origin": _("Origin"), "agents": _("Agents"), "suppliers": _("Suppliers"),
    }  # fmt: skip
    return [
        (name, word, url_of(f".{name}", asked, *(("agent",) if name == "agents" else ())))
        for name, word in words.items() if may_open(f"figures.{name}")
    ]  # fmt: skip


def _file(name: str, figure: str, asked: Asked) -> str:
    endpoint = ".download_comparison" if name in COMPARING else ".download_figure"
    return url_of(endpoint, asked, figure=figure)


def url_of(endpoint: str, asked: Asked, *besides: str, **more: Any) -> str:
    """Another page or file, for the same period and agent."""
    kept: dict[str, Any] = asked.kept(*besides)
    return url_for(endpoint, **kept, **more)


@bp.get("/file/<figure>", permission=May.VIEW)
def download_figure(figure: str) -> ResponseReturnValue:
    return _download({**PAGES["overview"], **PAGES["origin"]}, figure)


@bp.get("/comparison/<figure>", permission=May.COMPARE)
def download_comparison(figure: str) -> ResponseReturnValue:
    return _download({**PAGES["agents"], **PAGES["suppliers"]}, figure)


def _download(makers: Mapping[str, Maker], figure: str) -> ResponseReturnValue:
    asked = asked_for(request.args)
    if figure not in makers or asked.refused:
        abort(404)
    shown = shown_for(asked)
    table = makers[figure](shown)
    lines = [*table.rows, table.total] if table.total else table.rows
    rows = [[row.name, *(cell.raw for cell in row.cells)] for row in lines]
    days = asked.period.days
    name = f"{figure}-{days.first}-{days.last}.csv"
    return downloads.small_csv(name, [table.first, *table.headings], rows)


@bp.post("/refresh/<page_name>", permission=May.VIEW)
def refresh(page_name: str) -> ResponseReturnValue:
    """Everything anew, and back to the same page."""
    if page_name not in PAGES:
        abort(404)
    keeping.refresh()
    kept: dict[str, Any] = {name: request.form[name] for name in NAMES if request.form.get(name)}
    return redirect(url_for(f".{page_name}", **kept), 303)
