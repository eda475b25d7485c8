"""Whole households, one after another: the same for the same seed, office, number and moment."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from leadcrm.demo.services import followups, incomes, mortgages, people, pipeline
from leadcrm.demo.services.chance import Deck, between, identity
from leadcrm.demo.services.consents import consents
from leadcrm.demo.services.offices import (
    BOUGHT,
    BRAND_WEIGHTS,
    CAMPAIGN,
    CHANNELS,
    WEBSITE,
    Account,
    Label,
    Office,
    shares,
)
from leadcrm.demo.services.people import Row, Somebody
from leadcrm.demo.services.pipeline import Standing
from leadcrm.demo.services.plans import PURCHASES, Plan, plan
from leadcrm.demo.services.timelines import entries
from leadcrm.leads.models.terms import ContactWay, Goal, Stage, Urgency, rank_of

CHANNEL_KEYS = Deck({channel.key: channel.weight for channel in CHANNELS})
URGENCIES = Deck(dict(zip(Urgency, (14, 34, 22, 10, 20), strict=True)))
WAYS = Deck(dict(zip(ContactWay, (45, 22, 18, 2, 8, 5), strict=True)))
TIMES = Deck(["na 18 uur", "overdag", "in de ochtend", "tussen 12 en 13 uur", "niet op woensdag", "in het weekend"])
CAMPAIGNS = Deck(["lage-rente", "starters", "oversluiten-najaar", "verduurzamen", "open-avond"])
TERMS = Deck(
    ["hypotheek oversluiten", "eerste huis kopen", "hypotheekadvies", "maximale hypotheek", "hypotheek verhogen"]
)
MEDIA = Deck([("google", "cpc"), ("google", "cpc"), ("facebook", "social"), ("nieuwsbrief", "email"), ("bing", "cpc")])
# How much is known of a household: what a form asks, what a first conversation gives, and everything.
FORM = frozenset({Stage.NEW, Stage.ASSIGNED, Stage.CONTACT_SOUGHT, Stage.UNREACHABLE, Stage.DUPLICATE, Stage.RETURNED})
TALKED = frozenset(
    {Stage.APPOINTMENT_PLANNED, Stage.NO_SHOW, Stage.APPOINTMENT_HELD, Stage.NOT_INTERESTED, Stage.ENDED}
)


@dataclass(slots=True)
class Household:
    """Rows as attribute → plain value, for each model; what is derived from them is not in there."""

    lead: Row
    persons: list[Row]
    property: Row
    wish: Row
    loan_parts: list[Row]
    incomes: list[Row] = field(default_factory=list)
    obligations: list[Row] = field(default_factory=list)
    assets: list[Row] = field(default_factory=list)
    existing: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    calls: list[Row] = field(default_factory=list)
    tasks: list[Row] = field(default_factory=list)
    appointments: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class World:
    """What all households of one run share."""

    seed: str
    now: datetime  # with the office's time zone
    nhg_limits: dict[int, int]  # cents by year

    @property
    def today(self) -> date:
        return self.now.date()


def households(world: World, office: Office, numbers: range, total: int) -> Iterator[Household]:
    """Those with these numbers (from 0) out of `total` of the office, the oldest first."""
    random = Random(f"{world.seed} {office.slug} {numbers.start}")  # noqa: S311  # made-up data
    owners = shares(office, total)
    labels = Deck(dict(zip(office.labels, BRAND_WEIGHTS, strict=True)))
    for number in numbers:
        came = pipeline.came_at(random, pipeline.day_of(number, total, world.today), world.now)
        standing = pipeline.standing(random, came, world.now)
        turn = number - (total - pipeline.fresh(total))
        if 0 <= turn < 3 * len(office.agents):
            owner = _todays_owner(turn, office)
            standing = standing if owner else pipeline.untouched(came)
        else:
            owner = _owner(random, standing, owners)
        yield _household(random, world, office, standing, owner, labels)


def _household(
    random: Random, world: World, office: Office, standing: Standing, owner: UUID | None, labels: Deck[Label]
) -> Household:
    it = plan(random)
    lead = _lead(random, world, office, standing, it)
    lead["owner_id"] = owner
    lead |= _origin(random, office, labels, standing, it)
    who = people.applicants(random, it.family, it.couple, it.ages, world.today)
    people.settle(random, who, lead, it.address, world.today)
    if standing.stage not in FORM:
        people.acquaint(random, who, it.goal == Goal.BUY_OUT, world.today)
    return _with_money(random, world, it, lead, who, standing)


def _with_money(
    random: Random, world: World, it: Plan, lead: Row, who: list[Somebody], standing: Standing
) -> Household:
    today, talked = world.today, standing.stage not in FORM
    known = talked and standing.stage not in TALKED
    base = {"company_id": lead["company_id"], "lead_id": lead["id"], "created_at": standing.came}
    base["updated_at"] = lead["updated_at"]
    limit = world.nhg_limits.get(standing.came.year)
    household = Household(
        lead=lead,
        persons=[each.row for each in who],
        property=mortgages.property_of(random, it, base, talked, today),
        wish=mortgages.wish(random, it, base, limit, known),
        loan_parts=mortgages.loan_parts(random, it, base),
        incomes=incomes.incomes(random, it, who, base, today, known),
        existing=mortgages.existing(random, it, base, today),
        consents=consents(random, who, base, lead, standing, world.now),
        entries=entries(random, base, lead, standing, talked),
    )
    household.calls = followups.calls(base, household.entries)
    household.tasks = followups.tasks(base, lead, standing, today)
    household.appointments = followups.appointments(base, lead, standing, today)
    if talked:
        household.obligations = incomes.obligations(random, who, base, today)
    if known:
        people.identify(random, who, today)
        household.assets = incomes.assets(random, it, who, base)
    _name(random, household)
    return household


def _name(random: Random, household: Household) -> None:
    """An id for every row that has none yet."""
    household.property["id"] = identity(random)
    household.wish["id"] = identity(random)
    for rows in (
        household.loan_parts,
        household.incomes,
        household.obligations,
        household.assets,
        household.existing,
        household.consents,
        household.entries,
        household.calls,
        household.tasks,
        household.appointments,
    ):
        for row in rows:
            row["id"] = identity(random)


def _lead(random: Random, world: World, office: Office, standing: Standing, it: Plan) -> Row:
    lead: Row = {
        "company_id": office.id,
        "id": identity(random),
        "created_at": standing.came,
        "updated_at": standing.since,
        "stage": standing.stage,
        "stage_since": standing.since,
        "contact_attempts": standing.attempts,
        "goal": it.goal,
        "urgency": URGENCIES.draw(random),
        "preferred_contact": WAYS.draw(random),
        "best_time": TIMES.draw(random) if random.random() < 0.35 else None,
    }
    if standing.stage in pipeline.REASONS:
        lead["stage_reason"] = pipeline.REASONS[standing.stage].draw(random)
    if standing.attempts:
        lead["last_contact_at"] = _last_contact(random, standing, world)
        lead["first_contact_at"] = pipeline.first_contact(lead["id"], standing)
    lead["reached"] = rank_of(pipeline.furthest(standing))
    action = pipeline.next_action(random, standing, world.today)
    if action:
        lead["next_action"], lead["next_action_at"] = action
    return lead


def _last_contact(random: Random, standing: Standing, world: World) -> datetime:
    spoken = standing.since + timedelta(days=between(random, 0, 6), minutes=between(random, -90, 240))
    return max(standing.came, min(spoken, world.now - timedelta(minutes=30)))


def _owner(random: Random, standing: Standing, owners: Deck[Account]) -> UUID | None:
    taken = standing.stage != Stage.NEW or random.random() > pipeline.UNASSIGNED
    return owners.draw(random).id if taken else None


def _todays_owner(turn: int, office: Office) -> UUID | None:
    """Everybody finds something new in the morning, the first agent twice; one in three is still nobody's."""
    agents = office.agents
    if turn % 3 == 2:
        return None
    return agents[max(0, turn - turn // 3 - 1) % len(agents)].id


def _origin(random: Random, office: Office, labels: Deck[Label], standing: Standing, it: Plan) -> Row:
    """Where it came from, and what it cost. Only what was bought can be returned."""
    key = BOUGHT if standing.stage == Stage.RETURNED else CHANNEL_KEYS.draw(random)
    row: Row = {"source_id": office.sources[key]}
    if key == BOUGHT:
        row |= _bought(random, labels.draw(random), standing)
    elif key == WEBSITE:
        row |= {"landing": f"{office.slug}.example.nl/{it.goal.replace('_', '-')}"}
    elif key == CAMPAIGN:
        source, medium = MEDIA.draw(random)
        row |= {"utm_source": source, "utm_medium": medium, "utm_campaign": CAMPAIGNS.draw(random)}
        row["utm_term"] = TERMS.draw(random) if medium == "cpc" else None
        row["landing"] = f"{office.slug}.example.nl/{'kopen' if it.goal in PURCHASES else 'oversluiten'}"
    return row


def _bought(random: Random, label: Label, standing: Standing) -> dict[str, Any]:
    return {
        "label_id": label.id,
        "supplier_id": label.supplier_id,
        "lead_cost": label.brand.price,
        "exclusive": label.brand.exclusive,
        "return_deadline": standing.came + timedelta(days=label.brand.return_days),
        "return_reason": pipeline.RETURNS.draw(random) if standing.stage == Stage.RETURNED else None,
        "external_reference": f"{label.brand.name[:2].upper()}-{between(random, 100_000, 9_999_999)}",
    }
