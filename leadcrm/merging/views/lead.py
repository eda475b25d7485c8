"""Which leads may be about the same people as this one, and which went up in it."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.auth.models.people import User
from leadcrm.core.db import session
from leadcrm.core.reveal import plain
from leadcrm.core.web import render
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import Entry, EntryKind
from leadcrm.leads.queries import household
from leadcrm.leads.queries.household import Household, of_same_company
from leadcrm.leads.services.matching import Match, duplicates
from leadcrm.leads.views.cells import shown_day
from leadcrm.leads.views.words import speak_of
from leadcrm.merging.models import Merge
from leadcrm.merging.permissions import Merging
from leadcrm.merging.services import merging
from leadcrm.merging.views.routes import bp

MATCHED_BY = (
    "call_name", "first_names", "initials", "infix", "birth_name", "correspondence_name", "email", "phone", "postcode",
    "house_number", "birth_date",
)  # fmt: skip
MOST_MERGES = 20


def house_or_404(lead_id: UUID) -> Household:
    return household.household(lead_id) or abort(404)


def matches_of(house: Household) -> list[Match]:
    persons = [{name: plain(person, name) for name in MATCHED_BY} for person in house.persons]
    return duplicates(house.lead.company_id, persons, besides=house.lead.id)


@bp.get("/leads/<uuid:lead_id>", permission=Merging.MERGE)
def show_duplicates(lead_id: UUID) -> ResponseReturnValue:
    house = house_or_404(lead_id)
    values: dict[str, Any] = {
        "lead": house.lead, "matches": matches_of(house), "merges": _merges(lead_id), "shown_day": shown_day,
    }  # fmt: skip
    return render("merging/lead.html", "merging/_lead.html", **values)


def _merges(lead_id: UUID) -> list[Any]:
    who = of_same_company(User, User.id == Merge.by_id)
    newest = select(Merge, User.name).outerjoin(Lead, Lead.id == Merge.lead_id).outerjoin(User, who)
    newest = newest.where(Merge.lead_id == lead_id, Merge.undone_at.is_(None))
    return list(session.execute(newest.order_by(Merge.at.desc(), Merge.id).limit(MOST_MERGES)).all())


@bp.post("/<uuid:merge_id>/undo", permission=Merging.MERGE)
def undo_merge(merge_id: UUID) -> ResponseReturnValue:
    made = session.scalars(select(Merge).where(Merge.id == merge_id, Merge.undone_at.is_(None))).one_or_none()
    if made is None:
        abort(404)
    kept, other = session.get(Lead, made.lead_id), session.get(Lead, made.merged_id)
    if kept is None or other is None or kept.deleted_at is not None:
        abort(404)
    merging.undo(made, kept, other)
    flash(_("%(name)s is a lead of its own again.", name=other.household_name or other.reference), "success")
    return redirect(url_for("leads.show_lead", lead_id=made.lead_id), 303)


def _speech(entry: Entry) -> str:
    if entry.previous:
        return str(_("Taken apart again: %(reference)s", reference=entry.subject))
    return str(_("Merged with %(reference)s", reference=entry.subject))


speak_of(EntryKind.MERGED, _speech)
