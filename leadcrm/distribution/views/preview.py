"""These leads would have gone to …"""

from flask.typing import ResponseReturnValue

from leadcrm.core.fields.dates import Moment
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.distribution.permissions import Distribution
from leadcrm.distribution.services.previewing import Line, preview
from leadcrm.distribution.views import words
from leadcrm.distribution.views.routes import bp


@bp.get("/preview", permission=Distribution.MANAGE)
def show_preview() -> ResponseReturnValue:
    found = preview(signed_in_viewer().company_id)
    ids = {who for line in found.lines for who in words.people_in(_steps(line))}
    names = words.names_of({*ids, *(who for who, _many in found.counts)})
    lines = [
        (line.lead, line.verdict, names.get(str(line.verdict.chosen.user_id)) if line.verdict.chosen else None,
         words.told(_steps(line), line.verdict.chosen.user_id if line.verdict.chosen else None, names))
        for line in found.lines
    ]  # fmt: skip
    counts = [(names.get(str(who)) if who else None, many) for who, many in found.counts]
    return render(
        "distribution/preview.html", lines=lines, counts=counts, moment=Moment().show, has_rules=found.has_rules
    )


def _steps(line: Line) -> list[dict[str, object]]:
    return [step.as_json() for step in line.verdict.steps]
