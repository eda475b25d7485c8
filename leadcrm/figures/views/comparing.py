"""Figures that set sources, labels, suppliers and agents side by side."""

from collections.abc import Mapping

from flask_babel import gettext as _

from leadcrm.core.fields.facts import facts_of
from leadcrm.figures.queries.conditions import Returning
from leadcrm.figures.queries.list_filters import MISSED, REACHED, REASON, RETURN
from leadcrm.figures.services.figures import Figures, Shows
from leadcrm.figures.services.periods import Days
from leadcrm.figures.services.tallies import Tally, Wait, share
from leadcrm.figures.views.tables import Behind, Cell, Row, Table, euros, lasting, number, part, percent, sorted_names
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import ReturnReason, Stage

Names = Mapping[str, Mapping[str, str]]


def nobody(dimension: str) -> str:
    words = {"owner": _("Nobody"), "source": _("No source"), "label": _("No label"), "supplier": _("No supplier")}
    return str(words[dimension])


def first_of(dimension: str) -> str:
    return facts_of(Lead)[f"{dimension}_id"].label


def _rows_of(dimension: str, figures: Figures, names: Names) -> list[tuple[str, str, Tally]]:
    tallies = figures.now.by[dimension]
    found = sorted_names(tallies, names.get(dimension, {}), nobody(dimension))
    return [(key, name, tallies[key]) for key, name in found]


def conversion(dimension: str, title: str, figures: Figures, behind: Behind, names: Names) -> Table:
    most = max((each.leads for each in figures.now.by[dimension].values()), default=0)

    def row(name: str, tally: Tally, before: Tally | None, filters: Mapping[str, str]) -> Row:
        cells = (
            number(tally.leads, behind.leads(**filters), most=None if before is None else most),
            part(tally.reached, tally.leads), part(tally.held, tally.leads),
            number(tally.engaged, behind.leads(**filters, **{REACHED: Stage.ENGAGED})), percent(tally.conversion),
            percent(before.conversion if before else figures.before.total.conversion),
            euros(tally.cost if tally.priced else None), euros(tally.per_engagement if tally.priced else None),
        )  # fmt: skip
        return Row(name, cells, behind.leads(**filters))

    rows = [
        row(name, tally, figures.before.by[dimension].get(key, Tally()), behind.of(dimension, key))
        for key, name, tally in _rows_of(dimension, figures, names)
    ]
    headings = (
        _("Leads"), _("Contact sought"), _("Appointment held"), _("Engagements"), _("Conversion"),
        _("Conversion before"), _("Lead cost"), _("Per engagement"),
    )  # fmt: skip
    about = _("Of the leads that came in during this period: how many came how far, and what they cost.")
    total = row(_("Together"), figures.now.total, None, {})
    return Table(f"{dimension}s", title, about, first_of(dimension), headings, rows, total, roomy=(5,))


def agents(figures: Figures, behind: Behind, names: Names) -> Table:
    most = max((each.leads for each in figures.now.by["owner"].values()), default=0)
    rows = [
        _of_agent(name, tally, figures, key, behind.of("owner", key), behind, most)
        for key, name, tally in _rows_of("owner", figures, names)
    ]
    total, shows = figures.now.total, figures.shows
    together = Row(_("Together"), (
        number(total.leads, behind.leads()), part(total.within_30, total.leads), lasting(figures.now.wait.median),
        lasting(figures.now.wait.ninth), number(total.engaged, behind.leads(**{REACHED: Stage.ENGAGED})),
        percent(total.conversion), euros(total.per_engagement if total.priced else None),
        part(shows.missed, shows.due), euros(sum(figures.expected_of.values())),
    ))  # fmt: skip
    headings = (
        _("Leads"), _("Within 30 min"), _("Median"), _("9 in 10 within"), _("Engagements"), _("Conversion"),
        _("Per engagement"), _("No-shows"), _("Expected volume"),
    )  # fmt: skip
    return Table(
        "agents", _("Agents"), _("Whose leads they are now. Expected volume counts everything that runs."),
        first_of("owner"), headings, rows, together,
    )  # fmt: skip


def _of_agent(
    name: str, tally: Tally, figures: Figures, key: str, filters: Mapping[str, str], behind: Behind, most: int
) -> Row:
    wait, shows = figures.now.waits.get(key, Wait()), figures.shows_of.get(key, Shows())
    cells = (
        number(tally.leads, behind.leads(**filters), most=most), part(tally.within_30, tally.leads),
        lasting(wait.median), lasting(wait.ninth),
        number(tally.engaged, behind.leads(**filters, **{REACHED: Stage.ENGAGED})), percent(tally.conversion),
        euros(tally.per_engagement if tally.priced else None), part(shows.missed, shows.due),
        euros(figures.expected_of.get(key, 0)),
    )  # fmt: skip
    return Row(name, cells, behind.leads(**filters))


def no_shows(figures: Figures, days: Days, behind: Behind, names: Names) -> Table:
    """By the day of the appointment, whenever the lead came in."""
    missed, anytime = {MISSED: f"{days.first}--{days.last}"}, Behind(None, behind.agent)

    def row(name: str, shows: Shows, filters: Mapping[str, str], most: int | None) -> Row:
        url = anytime.leads(**filters, **missed)
        return Row(name, (
            number(shows.leads, url, most=most), number(shows.missed), number(shows.held),
            part(shows.missed, shows.due),
        ))  # fmt: skip

    most = max((each.leads for each in figures.shows_of.values()), default=0)
    found = sorted_names(figures.shows_of, names.get("owner", {}), nobody("owner"))
    rows = [row(name, figures.shows_of[key], behind.of("owner", key), most) for key, name in found]
    return Table(
        "no-shows", _("No-shows"), _("Appointments of this period to which the client did not come."),
        first_of("owner"), (_("Leads"), _("Missed"), _("Held"), _("Share missed")), rows,
        row(_("Together"), figures.shows, {}, None) if rows else None,
        empty=_("No appointment of this period has been held or missed yet. They are counted as soon as somebody "
                "writes down how an appointment went."),
    )  # fmt: skip


def quality(figures: Figures, behind: Behind, names: Names) -> Table:
    most = max((each.leads for each in figures.now.by["supplier"].values()), default=0)

    def row(name: str, tally: Tally, filters: Mapping[str, str], most: int | None) -> Row:
        at = {stage: behind.leads(**filters, stage=stage) for stage in Stage}
        due = [behind.leads(**filters, **{RETURN: each}) for each in (Returning.OPEN, Returning.URGENT)]
        cells = (
            number(tally.leads, behind.leads(**filters), most=most), part(tally.reached, tally.leads),
            number(tally.unreachable, at[Stage.UNREACHABLE]), number(tally.duplicate, at[Stage.DUPLICATE]),
            number(tally.returned, at[Stage.RETURNED]), part(tally.returned, tally.leads),
            number(tally.return_open, due[0]), number(tally.return_urgent, due[1]),
            percent(tally.conversion), euros(tally.per_engagement if tally.priced else None),
        )  # fmt: skip
        return Row(name, cells, behind.leads(**filters))

    found = _rows_of("supplier", figures, names)
    rows = [row(name, tally, behind.of("supplier", key), most) for key, name, tally in found]
    headings = (
        _("Leads"), _("Contact sought"), Stage.UNREACHABLE.label, Stage.DUPLICATE.label, Stage.RETURNED.label,
        _("Share returned"), _("Can be returned"), _("Within 3 days"), _("Conversion"), _("Per engagement"),
    )  # fmt: skip
    return Table(
        "quality", _("Supplier quality"), _("What was bought, what could not be used, and until when it can go back."),
        first_of("supplier"), headings, rows, row(_("Together"), figures.now.total, {}, None),
    )  # fmt: skip


def returns(figures: Figures, behind: Behind, names: Names) -> Table:
    """A row for every reason that a supplier's leads were returned for."""
    reasons = figures.now.reasons
    most = max((count for counts in reasons.values() for count in counts.values()), default=0)
    rows = []
    for key, name in sorted_names(reasons, names.get("supplier", {}), nobody("supplier")):
        total = sum(reasons[key].values())
        for reason, count in sorted(reasons[key].items(), key=lambda each: (-each[1], each[0])):
            url = behind.leads(**behind.of("supplier", key), stage=Stage.RETURNED, **{REASON: reason or "none"})
            said = ReturnReason(reason).label if reason else str(_("no reason given"))
            cells = Cell(said, said), number(count, url, most=most), percent(share(count, total))
            rows.append(Row(name, cells))
    return Table(
        "returns", _("Reasons of returns"), _("Why leads of this period went back."), first_of("supplier"),
        (_("Reason"), _("Leads"), _("Of the returns")), rows,
        empty=_("No lead of this period went back to its supplier."),
    )  # fmt: skip
