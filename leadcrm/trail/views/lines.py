"""Who did what, when: listed in words, and as a file."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.admin.views import filters
from leadcrm.admin.views.companies import company_options
from leadcrm.core import audit, downloads
from leadcrm.core.audit import AuditLine
from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import OFFICE, Date, Moment
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.paging import paginate
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.trail import queries
from leadcrm.trail.permissions import Trail
from leadcrm.trail.queries import NEWEST_FIRST, LineFilter
from leadcrm.trail.services import words
from leadcrm.trail.views.routes import bp

ROWS = 50
KIND = "audit trail"
LEADS = "leads_lead"


def day(name: str) -> datetime | None:
    """The beginning of a day of the office, in whatever notation it was typed."""
    try:
        typed = Date().parse(request.values.get(name, "")[:40])
    except Invalid:
        return None
    return datetime(typed.year, typed.month, typed.day, tzinfo=OFFICE).astimezone(UTC) if typed else None


def asked_for() -> LineFilter:
    """One chain at a time: an admin chooses which, the platform's to begin with."""
    values, until = request.values, day("until")
    return LineFilter(
        values.get("company", type=UUID) or signed_in_viewer().company_id, values.get("who", type=UUID),
        _one_of("action", words.ACTIONS), _one_of("subject", words.SUBJECTS), values.get("row", type=UUID),
        day("since"), until + timedelta(days=1) if until else None,
    )


def _one_of(name: str, allowed: dict[str, Any]) -> str:
    given = request.values.get(name, "")
    return given if given in allowed else ""


@bp.get("/", permission=Trail.VIEW)
def list_lines() -> ResponseReturnValue:
    wanted, companies = asked_for(), company_options()
    listed = paginate(session, queries.lines_with(wanted), NEWEST_FIRST, request.args.get("cursor"), ROWS)
    lines = [row.AuditLine for row in listed.rows]
    people = [(str(row.id), row.name) for row in session.execute(queries.people_of(wanted.company_id))]
    return render(
        "trail/lines.html", "trail/_lines.html", listed=listed, lines=lines, wanted=wanted, companies=companies,
        people=people, chips=chips_of(wanted, dict(people), dict(companies)), names=names_of(lines),
        links=links_of(lines), words=words, address=filters.address, moment=Moment().show, who=who,
        actions=sorted(((name, str(label)) for name, label in words.ACTIONS.items()), key=lambda each: each[1]),
        subjects=sorted(((name, str(label)) for name, label in words.SUBJECTS.items()), key=lambda each: each[1]),
        typed={name: filters.words(name) for name in ("since", "until")},
    )


def chips_of(wanted: LineFilter, people: dict[str, str], companies: dict[str, str]) -> list[filters.Chip]:
    return filters.chips(
        (_("Company"), companies.get(request.args.get("company", ""), ""), "company"),
        (_("Who"), people.get(str(wanted.who), ""), "who"),
        (_("What"), words.action_of(wanted.action) if wanted.action else "", "action"),
        (_("Subject"), words.subject_of(wanted.subject) if wanted.subject else "", "subject"),
        (_("One row"), _("yes") if wanted.row_id else "", "row"),
        (_("From"), filters.words("since") if wanted.since else "", "since"),
        (_("Up to"), filters.words("until") if wanted.until else "", "until"),
    )


def names_of(lines: Sequence[AuditLine]) -> dict[UUID, str]:
    people = {person for line in lines if (person := actor_of(line))}
    return {row.id: row.name for row in session.execute(queries.names_of(people))} if people else {}


def links_of(lines: Sequence[AuditLine]) -> dict[UUID, str]:
    """Pages of leads that this viewer may see; the trail of another's is no way in."""
    ids = {line.row_id for line in lines if line.subject == LEADS and line.row_id}
    seen = session.scalars(queries.visible_leads(ids)).all() if ids else []
    return {ident: url_for("leads.show_lead", lead_id=ident) for ident in seen}


def actor_of(line: AuditLine) -> UUID | None:
    """Who did it; whoever signs in is nobody yet, and the line says whom it is about."""
    about = json.loads(line.body)
    entered = about["as"] == "nobody" and about["details"].get("user")
    return line.actor_id or (UUID(entered) if entered else None)


def who(line: AuditLine, names: dict[UUID, str]) -> str:
    """A person by name; the system; or somebody on the way in."""
    person = actor_of(line)
    if person:
        return names.get(person) or str(_("somebody of the platform"))
    return str(_("before signing in") if json.loads(line.body)["as"] == "nobody" else _("the system"))


@bp.post("/export", permission=Trail.EXPORT, step_up=True)
def export_lines() -> ResponseReturnValue:
    wanted = asked_for()
    given = {name: str(value) for name, value in asdict(wanted).items() if value}
    audit.note("exported", company_id=signed_in_viewer().company_id, subject="core_audit_line", asked=given)
    return redirect(url_for("trail.download_lines", token=downloads.issue(KIND, **given)), 303)


@bp.get("/export/<token>", permission=Trail.EXPORT)
def download_lines(token: str) -> ResponseReturnValue:
    readers: dict[str, Any] = {"company_id": UUID, "who": UUID, "row_id": UUID, "since": datetime.fromisoformat,
                               "until": datetime.fromisoformat}  # fmt: skip
    what = downloads.redeem(KIND, token)
    wanted = LineFilter(**{name: readers.get(name, str)(value) for name, value in what.items()})
    titles = [_("Number"), _("Time"), _("Who"), _("What"), _("Subject"), _("Row"), _("Text of the line"), _("Seal")]
    name = _("audit-trail-%(day)s.csv", day=f"{now():%Y-%m-%d}")
    return downloads.as_csv(name, titles, queries.lines_with(wanted), NEWEST_FIRST, cells)


def cells(row: Any) -> list[object]:
    line: AuditLine = row.AuditLine
    local = line.at.astimezone(OFFICE)
    return [line.seq, f"{local:%Y-%m-%d %H:%M:%S}", line.actor_id or "", words.action_of(line.action),
            words.subject_of(line.subject), line.row_id or "", line.body, bytes(line.mac).hex()]  # fmt: skip
