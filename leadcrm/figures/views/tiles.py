"""The few numbers on top of the first page, each beside what it was."""

from dataclasses import dataclass

from flask_babel import gettext as _

from leadcrm.figures.queries.conditions import Speed
from leadcrm.figures.queries.list_filters import CONTACT, MISSED, REACHED
from leadcrm.figures.services.figures import Figures
from leadcrm.figures.services.periods import Days
from leadcrm.figures.services.tallies import share
from leadcrm.figures.views.tables import EMPTY, Behind, Cell, euros, lasting, number, part, percent
from leadcrm.leads.models.terms import Stage


@dataclass(frozen=True)
class Tile:
    """`trend` is 1, 0 or -1: higher, the same or lower than before; None when there is nothing to compare."""

    label: str
    value: str
    note: str = ""
    before: str = ""
    trend: int | None = None
    url: str = ""


def tile(label: str, cell: Cell, values: tuple[int | None, int | None], before: Cell, note: str = "") -> Tile:
    now, was = values
    trend = None if now is None or was is None else (now > was) - (now < was)
    return Tile(label, cell.text, note, before.text if before.text != EMPTY else "", trend, cell.url)


def tiles(figures: Figures, days: Days, behind: Behind) -> list[Tile]:
    now, before, shows = figures.now.total, figures.before.total, figures.shows
    missed = Behind(None, behind.agent).leads(**{MISSED: f"{days.first}--{days.last}"}) if shows.leads else ""
    rate, was = share(shows.missed, shows.due), share(figures.shows_before.missed, figures.shows_before.due)
    quick, slow = share(now.within_30, now.leads), share(before.within_30, before.leads)
    cost = now.per_engagement if now.priced else None
    cost_before = before.per_engagement if before.priced else None
    wait, wait_before = figures.now.wait, figures.before.wait
    return [
        tile(_("Leads"), number(now.leads, behind.leads()), (now.leads, before.leads), number(before.leads)),
        tile(_("Engagements"), number(now.engaged, behind.leads(**{REACHED: Stage.ENGAGED})),
             (now.engaged, before.engaged), number(before.engaged),
             _("%(share)s of the leads", share=part(now.engaged, now.leads).text) if now.leads else ""),
        tile(_("Lead cost per engagement"), euros(cost), (cost, cost_before), euros(cost_before),
             _("%(cost)s in all", cost=euros(now.cost).text) if now.priced else ""),
        tile(_("First contact, median"), lasting(wait.median), (wait.median, wait_before.median),
             lasting(wait_before.median),
             _("nine in ten within %(time)s", time=lasting(wait.ninth).text) if wait.leads else ""),
        _linked(tile(_("Contact within 30 minutes"), percent(quick), (quick, slow), percent(slow)),
                behind.leads(**{CONTACT: Speed.HALF_HOUR}) if now.within_30 else ""),
        _linked(tile(_("No-shows"), percent(rate), (rate, was), percent(was),
                     _("%(missed)s of %(due)s appointments", missed=shows.missed, due=shows.due) if shows.due else ""),
                missed),
    ]  # fmt: skip


def _linked(made: Tile, url: str) -> Tile:
    return Tile(made.label, made.value, made.note, made.before, made.trend, url)
