"""A source with arrivals in every state, made of nobody's data: in the office of the first manager."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from uuid import UUID, uuid4

from sqlalchemy import select

from leadcrm.core.db import now, session
from leadcrm.core.jobs import checkpoint, maintenance
from leadcrm.core.scope import viewing_as
from leadcrm.demo.services.addresses import address_in, towns
from leadcrm.demo.services.chance import Deck, between
from leadcrm.demo.services.names import families
from leadcrm.demo.services.offices import Office
from leadcrm.demo.services.people import applicants, mobile
from leadcrm.intake.models.arrival import Arrival
from leadcrm.intake.models.inlet import Inlet
from leadcrm.intake.models.terms import Discarded, State, Way, Why
from leadcrm.intake.models.webform import FormText, WebForm
from leadcrm.intake.services import content as contents
from leadcrm.intake.services import secrets, sources, taking
from leadcrm.intake.services.candidates import keeper_of
from leadcrm.intake.services.content import Content
from leadcrm.intake.services.webforms import FIRST
from leadcrm.leads.models.source import Source
from leadcrm.leads.models.terms import Goal

WHY = "demo arrivals"
MANY = 12
WRONG, SUSPECT, AGAIN = {3, 8}, {6, 10}, {9: 2}  # by number; the last came in before
EUROS = 5_000  # what people ask for is round
QUESTIONS = Deck([
    "Wij willen graag weten wat wij kunnen lenen.", "Wij hebben een huis op het oog en willen snel duidelijkheid.",
    "Onze rentevaste periode loopt af. Kunt u meekijken?", "Graag een gesprek op kantoor, het liefst na 18 uur.",
    "Is oversluiten nu gunstig?",
])  # fmt: skip
GOALS = Deck({
    Goal.PURCHASE_EXISTING: 50, Goal.PURCHASE_NEW: 12, Goal.REMORTGAGE: 22, Goal.FURTHER_ADVANCE: 10,
    Goal.SUSTAINABILITY: 6,
})  # fmt: skip
Place = tuple[UUID, UUID]  # company and inlet


def deliver(offices: Sequence[Office]) -> int:
    """Adds what is not there yet; how many arrivals it made."""
    office = offices[0]
    with maintenance(WHY), viewing_as(keeper_of(office.id)):
        source = session.scalars(select(Source).where(Source.active).order_by(Source.name).limit(1)).one_or_none()
        if source is None or sources.inlet_of(source.id) is not None:
            return 0
        inlet = sources.open_inlet(source.id)
        inlet.goal = Goal.PURCHASE_EXISTING
        sources.make_key(inlet, "Leverancier")
        _form(inlet)
        place = (inlet.company_id, inlet.id)
        for number in range(MANY):
            _arrival(place, number)
        checkpoint()
    with maintenance(WHY):
        while taking.take_batch():
            checkpoint()
    with maintenance(WHY), viewing_as(keeper_of(office.id)):
        _set_one_aside(place)
        _arrival(place, MANY, at_once=True)
    return MANY + 1


def _form(inlet: Inlet) -> None:
    form = WebForm(
        company_id=inlet.company_id, inlet_id=inlet.id, token=secrets.new_address(), name="Contact op de website",
        title="Vraag een gesprek aan", thanks="Dank u wel. Wij bellen u binnen een werkdag.", version=1,
        fields=[{"key": key, "required": required} for key, required in FIRST], sites=["https://www.example.nl"],
        consent_text="Ik ga ermee akkoord dat u mijn gegevens bewaart en mij belt over mijn vraag.",
        marketing_text="Stuur mij af en toe nieuws over hypotheken.",
    )  # fmt: skip
    session.add(form)
    session.flush()
    session.add(FormText(
        company_id=form.company_id, form_id=form.id, number=1, consent_text=form.consent_text,
        marketing_text=form.marketing_text,
    ))  # fmt: skip


def _arrival(place: Place, number: int, at_once: bool = False) -> None:
    """One that waits still, or one of the last days, some of which cannot be used as they are."""
    ident, content = uuid4(), Content(dict(_fields(number)))
    company_id, inlet_id = place
    arrival = Arrival(
        company_id=company_id, id=ident, inlet_id=inlet_id, way=(Way.API, Way.WEBFORM, Way.MAIL)[number % 3],
        sealed=contents.seal(content, company_id, ident), digest=secrets.new_token().encode()[:16],
        suspect=number in SUSPECT, arrived_at=now() - timedelta(hours=0 if at_once else 3 + 11 * number),
        state=State.WAITING,
    )  # fmt: skip
    session.add(arrival)
    session.flush()


def _fields(number: int) -> Mapping[str, str]:
    """As a comparison site sends them; the same for the same number."""
    random = Random(f"{WHY} {AGAIN.get(number, number)}")  # noqa: S311  # made-up data
    (somebody,) = applicants(random, families().draw(random), False, (between(random, 24, 58), 0), now().date())
    row, address = somebody.row, address_in(random, towns().draw(random))
    income, deposit = between(random, 8, 24) * EUROS, between(random, 0, 14) * EUROS
    amount = round(income * (3.2 + random.random()) / EUROS) * EUROS
    wrong = number in WRONG
    return {
        "Voornaam": row["call_name"], "Tussenvoegsel": row["infix"] or "", "Achternaam": row["birth_name"],
        "E-mail": "geen adres" if wrong else row["email"], "Telefoon": "12" if wrong else mobile(random)["phone"],
        "Geboortedatum": f"{row['birth_date']:%d-%m-%Y}", "Straat": address.street.name,
        "Huisnummer": str(address.number), "Postcode": address.street.postcode, "Woonplaats": address.street.town.name,
        "Soort aanvraag": str(GOALS.draw(random)), "Hypotheekbedrag": str(amount),
        "Woningwaarde": str(amount + deposit), "Bruto jaarinkomen": str(income),
        "Bericht": QUESTIONS.draw(random), "Campagne": "herfst",
    }  # fmt: skip


def _set_one_aside(place: Place) -> None:
    spam = select(Arrival).where(
        Arrival.inlet_id == place[1], Arrival.state == State.QUARANTINED, Arrival.why == Why.SPAM
    )
    for arrival in session.scalars(spam.limit(1)):
        arrival.state, arrival.set_aside, arrival.decided_at = State.DISCARDED, Discarded.SPAM, now()
