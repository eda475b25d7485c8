"""What stands beside a lead that arrived: the rest of what it said as a note, and the consent that came with it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from leadcrm.core import audit, bulk
from leadcrm.core.db import now, session
from leadcrm.core.ids import id_in_order
from leadcrm.imports.services.writing import Rows
from leadcrm.intake.models.arrival import Arrival
from leadcrm.intake.models.inlet import Inlet
from leadcrm.intake.models.webform import OptIn
from leadcrm.intake.services.candidates import Candidate
from leadcrm.leads.models.consent import Consent
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.source import Source
from leadcrm.leads.models.terms import ConsentChannel, ConsentPurpose
from leadcrm.leads.models.timeline import Entry, EntryKind


def write_beside(chosen: Sequence[Candidate], rows: Rows) -> None:
    """In bulk, as the leads themselves."""
    first = {person["lead_id"]: person for person in rows[Person] if person["position"] == 1}
    at = now()
    bulk.write(session, Entry, [_entry(each, text, at) for each in chosen if (text := each.judged.note)])
    bulk.write(session, Consent, [
        line for each in chosen if each.lead_id in first for line in _consents(each, first[each.lead_id], at)
    ])  # fmt: skip


def _base(each: Candidate, at: datetime) -> dict[str, Any]:
    return {"company_id": each.arrival.company_id, "id": id_in_order(), "lead_id": each.lead_id, "created_at": at,
            "updated_at": at}  # fmt: skip


def _entry(each: Candidate, text: str, at: datetime) -> dict[str, Any]:
    return _base(each, at) | {"at": at, "kind": EntryKind.NOTE, "text": text}


def _consents(each: Candidate, person: dict[str, Any], at: datetime) -> Iterator[dict[str, Any]]:
    """To be reached about this, by what they left; the fingerprint of all they sent is the evidence."""
    if each.judged.consent is None:
        return
    arrival, said = each.arrival, each.judged.consent
    for channel in (ConsentChannel.PHONE, ConsentChannel.EMAIL):
        if person.get(str(channel)):
            yield _base(each, at) | {
                "person_id": person["id"], "channel": channel, "purpose": ConsentPurpose.ADVICE,
                "text_version": arrival.text_version or said.get("text_version"), "source": each.terms.source.name,
                "given_at": said.get("given_at") or arrival.arrived_at, "evidence_hash": arrival.digest.hex(),
            }  # fmt: skip


def record_opt_ins() -> int:
    """Newsletters that were confirmed by mail enter the ledger, once the lead is there. Run as maintenance."""
    asked = (
        select(OptIn, Arrival, Source.name)
        .join(Arrival, (Arrival.company_id == OptIn.company_id) & (Arrival.id == OptIn.arrival_id))
        .join(Inlet, (Inlet.company_id == Arrival.company_id) & (Inlet.id == Arrival.inlet_id))
        .join(Source, (Source.company_id == Inlet.company_id) & (Source.id == Inlet.source_id))
        .where(OptIn.confirmed_at.is_not(None), OptIn.recorded_at.is_(None), Arrival.lead_id.is_not(None))
        .limit(500)
    )
    found = session.execute(asked).all()
    for opt_in, arrival, source in found:
        person_id = _applicant(arrival.company_id, arrival.lead_id)
        if person_id is not None:
            session.add(_newsletter(opt_in, arrival, source, person_id))
        opt_in.recorded_at = now()
        audit.note("intake.newsletter confirmed", arrival, lead=str(arrival.lead_id), version=opt_in.text_version)
    session.flush()
    return len(found)


def _applicant(company_id: UUID, lead_id: UUID | None) -> UUID | None:
    found: UUID | None = session.scalar(
        select(Person.id).where(Person.company_id == company_id, Person.lead_id == lead_id, Person.position == 1)
    )
    return found


def _newsletter(opt_in: OptIn, arrival: Arrival, source: str, person_id: UUID) -> Consent:
    return Consent(
        company_id=arrival.company_id, lead_id=arrival.lead_id, person_id=person_id, channel=ConsentChannel.EMAIL,
        purpose=ConsentPurpose.NEWSLETTER, text_version=opt_in.text_version, source=source,
        given_at=opt_in.confirmed_at, evidence_hash=arrival.digest.hex(),
    )  # fmt: skip
