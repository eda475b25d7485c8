"""Rows of intake that tests of other things need."""

from uuid import UUID, uuid4

from leadcrm.core.db import now, session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.intake.models.arrival import Arrival
from leadcrm.intake.models.inlet import Inlet, Key, Mailbox
from leadcrm.intake.models.terms import State, Way, Why
from leadcrm.intake.models.webform import FormText, OptIn, WebForm
from leadcrm.intake.services import content as contents
from leadcrm.intake.services import secrets
from leadcrm.intake.services.content import Content


def an_arrival(inlet: Inlet, text: str) -> Arrival:
    """In quarantine: an address that is none."""
    ident, content = uuid4(), Content({"applicant.birth_name": text, "applicant.email": "geen adres"})
    arrival = Arrival(
        company_id=inlet.company_id, id=ident, inlet_id=inlet.id, way=Way.API, digest=secrets.new_token().encode(),
        sealed=contents.seal(content, inlet.company_id, ident), state=State.QUARANTINED, why=Why.INVALID, problems=1,
    )  # fmt: skip
    session.add(arrival)
    session.flush()
    return arrival


def an_intake(source_id: UUID, name: str) -> dict[str, UUID]:
    """A source that takes leads, with a row in every table; the ids by the names that addresses use."""
    company_id = signed_in_viewer().company_id
    inlet = Inlet(company_id=company_id, source_id=source_id)
    session.add(inlet)
    session.flush()
    of_inlet = {"company_id": company_id, "inlet_id": inlet.id}
    key = Key(name=f"Canary key {name}", key_hash=secrets.hash_of(secrets.new_key()), ending="abcd", **of_inlet)
    form = WebForm(
        token=secrets.new_address(), name=f"Canary form {name}", title="Canary", thanks="Canary",
        consent_text="Canary", fields=[{"key": "applicant.email", "required": True}], sites=[], **of_inlet,
    )  # fmt: skip
    mailbox = Mailbox(host="imap.example.org", username=f"Canary {name}", password="een-wachtwoord", **of_inlet)
    arrival = an_arrival(inlet, f"Canary {name}")
    session.add_all([key, form, mailbox])
    session.flush()
    session.add_all([
        FormText(company_id=company_id, form_id=form.id, number=1, consent_text="Canary"),
        OptIn(company_id=company_id, arrival_id=arrival.id, form_id=form.id, text_version="Canary v1",
              token_hash=secrets.hash_of(secrets.new_token()), expires_at=now()),
    ])  # fmt: skip
    session.flush()
    return {"inlet_id": inlet.id, "key_id": key.id, "form_id": form.id, "arrival_id": arrival.id}
