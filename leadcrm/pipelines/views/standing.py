"""The head of a lead's page, in the company's own steps."""

from flask import url_for

from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.views.steps import Standing, by_stage, row_of
from leadcrm.pipelines.services.layout import Line, Stop, layout_of

MOST_SHOWN = 7  # in the row of steps; of more, those around where the lead stands


def standing(lead: Lead) -> Standing:
    """A company that set up nothing keeps the row of phases: its pipeline has a step for every standard stage."""
    layout = layout_of(lead.company_id)
    stop, line = layout.of(lead), layout.line_of(lead)
    url = url_for("pipelines.move_lead", lead_id=lead.id)
    row = _row(line, stop) if layout.is_own else by_stage(lead).row
    following = _following(line, stop)
    name = stop.name if stop else lead.stage.label
    if following is None:
        return Standing(name, lead.stage.is_closed, row, url)
    return Standing(name, False, row, url, following.name, url, {"step": str(following.id)})


def _row(line: Line, stop: Stop | None) -> tuple[tuple[str, str], ...]:
    steps = line.open
    here = steps.index(stop) if stop in steps else None
    first = max(0, min((here or 0) - MOST_SHOWN // 2, len(steps) - MOST_SHOWN))
    shown = steps[first : first + MOST_SHOWN]
    return row_of([step.name for step in shown], None if here is None else here - first)


def _following(line: Line, stop: Stop | None) -> Stop | None:
    """The usual next step: nobody plans a no-show."""
    if stop is None or stop.closes:
        return None
    after = line.open[line.open.index(stop) + 1 :]
    return next((each for each in after if each.stage != Stage.NO_SHOW), None)
