"""The figures of the first page: how far leads came, how fast somebody was, and what to expect."""

from datetime import date

from flask_babel import gettext as _

from leadcrm.figures.queries.conditions import MONTHS, Speed
from leadcrm.figures.queries.list_filters import CONTACT, EXPECTED, LATER, REACHED, month_words
from leadcrm.figures.services.figures import Figures
from leadcrm.figures.services.periods import months_ahead
from leadcrm.figures.services.tallies import Tally
from leadcrm.figures.views.tables import Behind, Cell, Row, Table, euros, number, part
from leadcrm.leads.models.terms import FUNNEL, Stage

BESIDE = (Stage.NO_SHOW, *(stage for stage in Stage if stage.is_closed))  # leads stand there, but come no further


def funnel(figures: Figures, behind: Behind) -> Table:
    total = figures.now.total.leads
    rows, previous = [], total
    for stage in FUNNEL:
        came, stand = figures.now.reached[stage], figures.now.now.get(stage, 0)
        cells = (
            number(came, behind.leads(**{REACHED: stage}), most=total), part(came, total), part(came, previous),
            part(figures.before.reached[stage], figures.before.total.leads),
            number(stand, behind.leads(stage=stage)),
        )  # fmt: skip
        rows.append(Row(stage.label, cells))
        previous = came
    return Table(
        "funnel", _("Funnel"), _("How many of these leads came at least so far, and how many stand there now."),
        _("Stage"), (_("Came this far"), _("Of all"), _("Of the stage before"), _("Of all, before"), _("Stand here")),
        rows, roomy=(2, 3),
    )  # fmt: skip


def ended(figures: Figures, behind: Behind) -> Table:
    total = figures.now.total.leads
    counts = [(stage, figures.now.now.get(stage, 0), figures.before.now.get(stage, 0)) for stage in BESIDE]
    rows = [
        Row(stage.label, (
            number(count, behind.leads(stage=stage), most=total), part(count, total),
            part(before, figures.before.total.leads),
        ))
        for stage, count, before in counts if count or before
    ]  # fmt: skip
    return Table(
        "ended", _("Left the funnel"), _("Leads that were closed, and clients who did not come to their appointment."),
        _("Stage"), (_("Leads"), _("Of all"), _("Of all, before")), rows,
        empty=_("None of these leads has been closed."),
    )  # fmt: skip


def in_time(tally: Tally) -> dict[Speed, int]:
    return {
        Speed.FIVE: tally.within_5, Speed.HALF_HOUR: tally.within_30, Speed.DAY: tally.within_24,
        Speed.LATER: tally.contacted - tally.within_24, Speed.NEVER: tally.leads - tally.contacted,
    }  # fmt: skip


def speed(figures: Figures, behind: Behind) -> Table:
    total, before = figures.now.total, in_time(figures.before.total)
    rows = [
        Row(each.label, (
            number(count, behind.leads(**{CONTACT: each}), most=total.leads), part(count, total.leads),
            part(before[each], figures.before.total.leads),
        ))
        for each, count in in_time(total).items()
    ]  # fmt: skip
    return Table(
        "speed", _("Speed to first contact"),
        _("From the moment a lead came in until the first attempt to reach the client."), _("First contact"),
        (_("Leads"), _("Of all"), _("Of all, before")), rows,
    )  # fmt: skip


def months(figures: Figures, behind: Behind) -> Table:
    """All leads that run, whenever they came in: what they may bring, by the month of a likely ending."""
    most = max((month.expected for month in figures.months), default=0)
    rows = []
    for index, (first, month) in enumerate(zip(_months(figures.on), figures.months, strict=True)):
        named = LATER if first is None else f"{first:%Y-%m}"
        url = behind.leads(**{EXPECTED: named}) if month.leads else ""
        said = _("Later") if first is None else month_words(first)
        label = _("%(month)s or overdue", month=said) if index == 0 else said
        cells = (euros(month.expected, url, most=most), number(month.leads, url), euros(month.amount))
        rows.append(Row(str(label), cells))
    sums = figures.months
    total = Row(_("Together"), (
        euros(sum(each.expected for each in sums)), number(sum(each.leads for each in sums)),
        euros(sum(each.amount for each in sums)),
    ))  # fmt: skip
    return Table(
        "volume", _("Expected volume"),
        _("All leads that run now: mortgage amount times the chance of their stage, in the month it may be paid out."),
        _("Month"), (_("Expected"), _("Leads"), _("Amount asked for")), rows, total,
    )  # fmt: skip


def _months(on: date) -> list[date | None]:
    return [*months_ahead(on, MONTHS), None]


__all__ = ["Cell", "ended", "funnel", "months", "speed"]
