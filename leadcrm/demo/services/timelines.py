"""What was done with a lead so far: who got it, calls, notes, and how far it came."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from leadcrm.demo.services.chance import Deck
from leadcrm.demo.services.people import Row
from leadcrm.demo.services.pipeline import STAGES, Standing, furthest
from leadcrm.followup.models.terms import CallOutcome
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.models.timeline import EntryKind

NOT_REACHED = Deck(
    [
        ("Sprak in wie we zijn en vroeg om terug te bellen.", CallOutcome.VOICEMAIL),
        ("Overdag niet thuis.", CallOutcome.NO_ANSWER),
        ("Mail gestuurd.", CallOutcome.NO_ANSWER),
        ("Kort gesproken, zit in een vergadering. Belt terug.", CallOutcome.REACHED),
        ("In gesprek.", CallOutcome.NO_ANSWER),
    ]
)
REACHED = Deck(
    [
        "Gesproken. Wil weten wat er maximaal kan en wat het per maand kost.",
        "Gesproken. Heeft al een huis op het oog, bezichtiging is deze week.",
        "Gesproken. Huidige rente loopt binnen een jaar af.",
        "Gesproken. Partner wil er ook bij zijn, het liefst 's avonds.",
        "Gesproken. Heeft bij de eigen bank al een berekening laten maken.",
        "Gesproken. Wil eerst weten wat het advies kost.",
        "Gesproken. Afspraak op kantoor gemaakt, neemt loonstroken mee.",
    ]
)
NOTES = Deck(
    [
        "Bod is geaccepteerd, ontbindende voorwaarden tot over vijf weken.",
        "Werkgeversverklaring is binnen, loonstroken nog niet.",
        "Wil lasten onder de huidige huur houden.",
        "Twee scenario's besproken: alles annuïtair, of een deel aflossingsvrij.",
        "Taxatie is aangevraagd bij het vaste kantoor.",
        "Vraagt of verduurzaming meegenomen kan worden.",
        "Geldverstrekker wil een recenter UWV-bericht.",
        "Notaris gekozen, passeerdatum volgt.",
        "Wil overlijdensrisicoverzekering voor beiden.",
    ]
)
MOST_CALLS = 2  # written down; the counter of the lead knows them all


def entries(random: Random, base: Row, lead: Row, standing: Standing, talked: bool) -> list[Row]:
    return [
        {**base, **entry, "created_at": entry["at"], "updated_at": entry["at"]}
        for entry in _entries(random, lead, standing, talked)
    ]


def _entries(random: Random, lead: Row, standing: Standing, talked: bool) -> Iterator[dict[str, Any]]:
    owner = lead["owner_id"]
    if owner is None:
        return
    yield {"kind": EntryKind.ASSIGNED, "subject": str(owner), "by_id": None, "at": standing.came}
    calls = min(standing.attempts, MOST_CALLS)
    for number in range(calls):
        reached = talked and number == calls - 1
        text, outcome = (REACHED.draw(random), CallOutcome.REACHED) if reached else NOT_REACHED.draw(random)
        at = _between(standing.came, standing.since, (number + 1) / (calls + 1)) if number else lead["first_contact_at"]
        yield {"kind": EntryKind.CALL, "by_id": owner, "subject": outcome, "text": text, "at": at}
    if talked and random.random() < 0.6:
        at = _between(standing.came, standing.since, 0.6 + 0.3 * random.random())
        yield {"kind": EntryKind.NOTE, "by_id": owner, "text": NOTES.draw(random), "at": at}
    if standing.stage not in (Stage.NEW, Stage.ASSIGNED):
        previous = _before(standing)
        yield {
            "kind": EntryKind.STAGE,
            "subject": str(standing.stage),
            "previous": str(previous),
            "text": lead.get("stage_reason"),
            "by_id": owner,
            "at": standing.since,
        }


def _between(first: datetime, last: datetime, part: float) -> datetime:
    return first + timedelta(seconds=int((last - first).total_seconds() * part))


def _before(standing: Standing) -> Stage:
    """The stage that a lead usually comes from; for what is closed, the one it had come to."""
    return STAGES[STAGES.index(standing.stage) - 1] if standing.stage in STAGES else furthest(standing)
