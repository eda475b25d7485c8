"""Where a lead stands: when it came in, how far it got, what happens next."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from uuid import UUID

from leadcrm.core.fields.dates import OFFICE
from leadcrm.demo.services.chance import Deck, between
from leadcrm.leads.models.terms import CLOSED, ReturnReason, Stage

HISTORY_DAYS = 548  # a year and a half
GROWTH = 1.25  # the office grows: more came in lately than in the beginning
FRESH = 0.003  # share that came in today
FEWEST_FRESH = 12

# Days that a lead spends in each stage of a smooth course.
COURSE: dict[Stage, float] = {
    Stage.NEW: 0.3,
    Stage.ASSIGNED: 0.7,
    Stage.CONTACT_SOUGHT: 2.5,
    Stage.APPOINTMENT_PLANNED: 5.5,
    Stage.APPOINTMENT_HELD: 4,
    Stage.ENGAGED: 3,
    Stage.INVENTORY: 11,
    Stage.ADVICE: 12,
    Stage.SUBMITTED: 2,
    Stage.IN_PROCESS: 3,
    Stage.RATE_OFFER: 7,
    Stage.AWAITING_PAPERS: 14,
    Stage.UNDERWRITING: 7,
    Stage.BINDING_OFFER: 9,
    Stage.FINAL_APPROVAL: 24,
    Stage.PAID_OUT: 15,
    Stage.IN_SERVICE: 10_000,
}
STAGES = list(COURSE)
STARTS = [0.0, *accumulate(COURSE.values())]
# How it ends otherwise, and after how many days.
ENDS: dict[Stage | None, tuple[float, float]] = {
    None: (34, 0),
    Stage.UNREACHABLE: (17, 12),
    Stage.NOT_INTERESTED: (22, 16),
    Stage.RETURNED: (5, 6),
    Stage.DUPLICATE: (3, 1.5),
    Stage.ENDED: (12, 45),
    Stage.REJECTED: (7, 75),
}
OUTCOMES = Deck({outcome: weight for outcome, (weight, _days) in ENDS.items()})
# How far leads came that ended otherwise.
FURTHEST: dict[Stage, tuple[Stage, ...]] = {
    Stage.UNREACHABLE: (Stage.CONTACT_SOUGHT,),
    Stage.NOT_INTERESTED: (Stage.CONTACT_SOUGHT, Stage.APPOINTMENT_PLANNED, Stage.APPOINTMENT_HELD),
    Stage.RETURNED: (Stage.CONTACT_SOUGHT, Stage.ASSIGNED),
    Stage.DUPLICATE: (Stage.ASSIGNED,),
    Stage.ENDED: (Stage.APPOINTMENT_HELD, Stage.ENGAGED, Stage.ADVICE),
    Stage.REJECTED: (Stage.UNDERWRITING, Stage.SUBMITTED, Stage.ADVICE),
}
# Minutes until somebody calls for the first time.
FIRST_CALLS = Deck({2: 8, 4: 12, 9: 14, 17: 14, 28: 10, 45: 9, 80: 8, 160: 7, 300: 5, 900: 6, 1_200: 4, 2_000: 3})
UNASSIGNED = 0.6  # share of the new ones that nobody has taken
NO_SHOWS = 0.14  # of the appointments

REASONS: dict[Stage, Deck[str]] = {
    Stage.NOT_INTERESTED: Deck(
        [
            "Heeft al een adviseur.",
            "Koopt voorlopig niet.",
            "Wil eerst zelf vergelijken.",
            "Vindt de advieskosten te hoog.",
            "Is bij de eigen bank gebleven.",
        ]
    ),
    Stage.ENDED: Deck(
        ["Bod op de woning is niet geaccepteerd.", "Heeft een andere adviseur gekozen.", "Stelt de verhuizing uit."]
    ),
    Stage.REJECTED: Deck(
        ["Inkomen is te laag voor het gevraagde bedrag.", "Codering bij BKR.", "Taxatie viel lager uit dan de koopsom."]
    ),
}
RETURNS = Deck({reason: 4 if reason == ReturnReason.WRONG_CONTACT else 2 for reason in ReturnReason})
ACTIONS: dict[Stage, Deck[str]] = {
    stage: Deck(texts)
    for stage, texts in {
        Stage.NEW: ["Bellen voor kennismaking", "Aanvraag nakijken en bellen"],
        Stage.ASSIGNED: ["Bellen voor kennismaking", "Welkomstmail sturen en bellen"],
        Stage.CONTACT_SOUGHT: [
            "Terugbellen na 18 uur",
            "Tweede belpoging",
            "Derde belpoging, daarna mailen",
            "Terugbellen",
        ],
        Stage.APPOINTMENT_PLANNED: ["Kennismakingsgesprek op kantoor", "Videogesprek", "Afspraak bevestigen"],
        Stage.NO_SHOW: ["Bellen over gemiste afspraak", "Nieuwe afspraak voorstellen"],
        Stage.APPOINTMENT_HELD: ["Opdracht tot dienstverlening nabellen", "Offerte advieskosten sturen"],
        Stage.ENGAGED: ["Stukken opvragen", "Klantprofiel laten invullen"],
        Stage.INVENTORY: [
            "Loonstroken nakijken",
            "Werkgeversverklaring opvragen",
            "UWV-bericht opvragen",
            "Inkomen berekenen",
        ],
        Stage.ADVICE: ["Adviesgesprek", "Adviesrapport afmaken", "Scenario's doorrekenen"],
        Stage.SUBMITTED: ["Ontvangst bij geldverstrekker nagaan"],
        Stage.IN_PROCESS: ["Stand van zaken opvragen", "Taxatie inplannen"],
        Stage.RATE_OFFER: ["Renteaanbod bespreken", "Getekend renteaanbod terugsturen"],
        Stage.AWAITING_PAPERS: ["Herinnering stukken sturen", "Taxatierapport opvragen", "Koopakte opvragen"],
        Stage.UNDERWRITING: ["Acceptant bellen", "Vraag van acceptatie beantwoorden"],
        Stage.BINDING_OFFER: ["Bindende offerte bespreken", "Verzekering afronden"],
        Stage.FINAL_APPROVAL: ["Notaris: passeerdatum doorgeven", "Bankgarantie regelen"],
        Stage.PAID_OUT: ["Felicitatie sturen", "Dossier afsluiten"],
        Stage.IN_SERVICE: ["Onderhoudsgesprek", "Rente vergelijken met de markt"],
    }.items()
}
# Days from today until the next action; below zero it is late.
WAITS = Deck({-5: 2, -3: 3, -2: 4, -1: 6, 0: 20, 1: 14, 2: 10, 3: 8, 4: 6, 5: 6, 7: 8, 9: 5, 14: 5, 21: 3})


@dataclass(slots=True)
class Standing:
    came: datetime
    stage: Stage
    since: datetime
    attempts: int

    @property
    def closed(self) -> bool:
        return self.stage in CLOSED


def fresh(total: int) -> int:
    """How many of an office's leads came in today."""
    return min(total, max(FEWEST_FRESH, int(total * FRESH)))


def day_of(number: int, total: int, today: date) -> date:
    """On which day the lead with this number (from 0) came in; later numbers never come earlier."""
    older = total - fresh(total)
    if number >= older:
        return today
    age = HISTORY_DAYS * (1 - (number + 0.5) / older) ** GROWTH
    return today - timedelta(days=max(1, round(age)))


def came_at(random: Random, day: date, now: datetime) -> datetime:
    """Mostly during the day and the evening; never later than now."""
    if day == now.date():
        since_midnight = max(600, (now - at_office(day, 0)).seconds)
        return now - timedelta(seconds=int(since_midnight * random.random()) + 60)
    minutes = 7 * 60 + int(16 * 60 * (random.random() + random.random()) / 2)
    return at_office(day, minutes) + timedelta(seconds=int(random.random() * 60))


def at_office(day: date, minutes: int) -> datetime:
    """A time on the clock of the office, in minutes after midnight."""
    return datetime.combine(day, time(minutes // 60, minutes % 60), OFFICE)


def standing(random: Random, came: datetime, now: datetime) -> Standing:
    pace = 0.6 + random.random() + random.random() * random.random()
    age = (now - came).total_seconds() / 86_400
    outcome = OUTCOMES.draw(random)
    end = ENDS[outcome][1] * pace
    if outcome is not None and age > end:
        return Standing(came, outcome, _working(came, end, now), between(random, 1, 7))
    place = bisect_right(STARTS, age / pace) - 1
    stage = STAGES[place]
    if stage == Stage.APPOINTMENT_HELD and random.random() < NO_SHOWS:
        stage = Stage.NO_SHOW
    attempts = 0 if place < 2 else between(random, 1, 4)
    return Standing(came, stage, _working(came, STARTS[place] * pace, now) if place else came, attempts)


def furthest(standing: Standing) -> Stage:
    """How far a lead came before it was closed; the number of attempts decides, so that chance need not."""
    if not standing.closed:
        return standing.stage
    ways = FURTHEST[standing.stage]
    return ways[standing.attempts % len(ways)]


def first_contact(lead_id: UUID, standing: Standing) -> datetime:
    """Most are called within the hour, some the next day; never later than where they stand."""
    minutes = FIRST_CALLS.draw(Random(lead_id.int))  # noqa: S311  made-up data, and chance of its own: nothing else shifts
    return min(standing.came + timedelta(minutes=minutes), max(standing.since, standing.came + timedelta(minutes=1)))


def untouched(came: datetime) -> Standing:
    return Standing(came, Stage.NEW, came, 0)


def _working(came: datetime, days: float, now: datetime) -> datetime:
    """That much later, at a time when somebody works; a weekend waits until Monday."""
    day = came.date() + timedelta(days=int(days))
    if day.weekday() > 4:
        day += timedelta(days=7 - day.weekday())
    then = at_office(day, 9 * 60 + int(days * 1_000) % 480)
    return min(max(then, came), now - timedelta(minutes=1))


def next_action(random: Random, standing: Standing, today: date) -> tuple[str, datetime] | None:
    """What is to be done and when; nothing for what is closed, and little for what runs."""
    if standing.closed:
        return None
    text = ACTIONS[standing.stage].draw(random)
    minutes = 9 * 60 + int(random.random() * 35) * 15
    if standing.stage == Stage.IN_SERVICE:
        return (text, at_office(_weekday(today + timedelta(days=between(random, 20, 360))), minutes))
    wait = max(WAITS.draw(random), (standing.since.date() - today).days)
    day = today + timedelta(days=wait)
    return (text, at_office(_weekday(day) if wait > 0 else day, minutes))


def _weekday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
