"""Calls: each is an attempt to reach the client, counted towards the rules of stages."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _

from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import signed_in_viewer
from leadcrm.followup.events import called
from leadcrm.followup.models.call import Call
from leadcrm.followup.models.terms import CallOutcome
from leadcrm.followup.services.following import move_along
from leadcrm.followup.services.reaching import refuse_unreasoned
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import ConsentChannel, Stage
from leadcrm.leads.models.timeline import EntryKind
from leadcrm.leads.services.next_action import set_next
from leadcrm.leads.services.timeline import tell


@dataclass(frozen=True)
class Proposal:
    """The next action that a call suggests, and in how many days; without days nobody knows yet."""

    text: str
    days: int = 0


def log(
    lead: Lead,
    outcome: CallOutcome,
    *,
    person_id: UUID | None = None,
    note: str | None = None,
    call_back_at: datetime | None = None,
    reason: str | None = None,
) -> Call:
    """Raises Invalid without a moment to call back at, NeedsReason when the ledger forbids it and nobody says why."""
    if outcome == CallOutcome.CALL_BACK and call_back_at is None:
        raise Invalid(_("Say when: then it stands on the list of that day."))
    despite, by = refuse_unreasoned(lead, person_id, ConsentChannel.PHONE, reason), signed_in_viewer()
    entry = tell(lead, EntryKind.CALL, outcome, note)
    call = Call(
        company_id=lead.company_id, lead_id=lead.id, by_id=by.user_id, person_id=person_id, outcome=outcome,
        entry_id=entry.id, despite=despite, call_back_at=call_back_at if outcome == CallOutcome.CALL_BACK else None,
    )  # fmt: skip
    session.add(call)
    count_attempt(lead)
    if outcome == CallOutcome.CALL_BACK:
        set_next(lead, proposal(outcome).text, call_back_at)
    called.send(call, lead=lead, by=by)
    return call


def count_attempt(lead: Lead) -> None:
    """Going to the stage of sought contact counts by itself."""
    lead.last_contact_at = now()
    lead.first_contact_at = lead.first_contact_at or lead.last_contact_at
    if not move_along(lead, Stage.CONTACT_SOUGHT, signed_in_viewer()):
        lead.contact_attempts = (lead.contact_attempts or 0) + 1


def proposal(outcome: CallOutcome) -> Proposal:
    match outcome:
        case CallOutcome.NO_ANSWER | CallOutcome.VOICEMAIL:
            return Proposal(_("Call again"), 1)
        case CallOutcome.CALL_BACK:
            return Proposal(_("Call back"))
        case CallOutcome.WRONG_NUMBER:
            return Proposal(_("Find the right telephone number"), 1)
        case _:
            return Proposal("")
