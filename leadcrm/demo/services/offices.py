"""The companies of the demonstration: their people, and where they get their leads."""

from dataclasses import dataclass
from random import Random
from typing import NamedTuple
from uuid import UUID

from leadcrm.auth.permissions import Role
from leadcrm.core.db import PLATFORM_ID
from leadcrm.demo.services.chance import Deck, identity

MARK = "demo-"  # begins the slug of every company that the demonstration made
ANN_HAS_AT_MOST = 5_000  # leads, however many there are: what one adviser can have


class Member(NamedTuple):
    name: str
    role: Role


class Brand(NamedTuple):
    """What a supplier sells under a name of its own; price in cents."""

    name: str
    supplier: str
    price: int
    return_days: int
    exclusive: bool


class Channel(NamedTuple):
    key: str
    name: str
    weight: float


@dataclass(frozen=True)
class Draft:
    """A company as it is written here."""

    slug: str
    name: str
    domain: str
    share: float  # of all leads
    members: tuple[Member, ...]


def _agents(*names: str) -> tuple[Member, ...]:
    return tuple(Member(name, Role.AGENT) for name in names)


DRAFTS = (
    Draft(
        "hypotheekhoek",
        "De Hypotheekhoek",
        "hypotheekhoek.example.nl",
        0.30,
        (
            *_agents("Ann de Wit", "Bob Smit", "Samira el Amrani", "Wouter van Loon"),
            *_agents("Nienke Postma", "Daan Kuijpers", "Carolien ter Horst", "Emre Yılmaz"),
            Member("Ivo Prins", Role.AUDITOR),
            Member("Meg Visser", Role.MANAGER),
        ),
    ),
    Draft(
        "zuidwest",
        "Zuidwest Advies",
        "zuidwestadvies.example.nl",
        0.45,
        (
            *_agents("Eve Bakker", "Kees van Oers", "Marleen Backx", "Joris Verhagen", "Sanne Nouwens"),
            *_agents("Thijs van de Ven", "Anouk Goossens", "Piet den Hollander", "Yara Oomen"),
            Member("Ton Adriaansen", Role.MANAGER),
        ),
    ),
    Draft(
        "noorderlicht",
        "Noorderlicht Financieel",
        "noorderlicht.example.nl",
        0.25,
        _agents("Jildou Hiemstra", "Harm Drenth", "Femke Zijlstra", "Tjeerd Bouma"),
    ),
)
STAFF = (Member("Ada Mulder", Role.ADMIN),)
STAFF_DOMAIN = "platform.example.nl"

CHANNELS = (
    Channel("aankoop-leads", "Ingekochte leads", 40),
    Channel("website", "Eigen website", 22),
    Channel("doorverwijzing", "Doorverwijzing", 14),
    Channel("bestaande-klant", "Bestaande klant", 11),
    Channel("telefoon", "Telefoon", 7),
    Channel("campagne", "Campagne", 6),
)
BOUGHT, WEBSITE, CAMPAIGN = "aankoop-leads", "website", "campagne"
BRANDS = (
    Brand("Oversluithulp", "De Leadmakers B.V.", 42_50, 14, False),
    Brand("Woonlastenkompas", "De Leadmakers B.V.", 38_00, 14, False),
    Brand("Starterssleutel", "Tulpendal Media B.V.", 55_00, 21, True),
    Brand("Huisplanner", "Tulpendal Media B.V.", 47_50, 21, True),
    Brand("Adviesloket Wonen", "Noordster Leads B.V.", 29_95, 7, False),
)
BRAND_WEIGHTS = (30, 18, 22, 14, 16)


class Account(NamedTuple):
    id: UUID
    company_id: UUID
    email: str
    name: str
    role: Role
    company: str


class Label(NamedTuple):
    id: UUID
    supplier_id: UUID
    brand: Brand


@dataclass(frozen=True)
class Office:
    """A company with the ids that its leads point at."""

    id: UUID
    slug: str
    name: str
    share: float
    accounts: tuple[Account, ...]
    sources: dict[str, UUID]
    suppliers: dict[str, UUID]
    labels: tuple[Label, ...]

    @property
    def agents(self) -> tuple[Account, ...]:
        return tuple(account for account in self.accounts if account.role == Role.AGENT)


def offices(seed: str) -> tuple[Office, ...]:
    """The same ids for the same seed."""
    return tuple(_office(Random(f"{seed} {draft.slug}"), draft) for draft in DRAFTS)  # noqa: S311  # made-up data


def _office(random: Random, draft: Draft) -> Office:
    company_id = identity(random)
    suppliers = {brand.supplier: identity(random) for brand in BRANDS}
    return Office(
        id=company_id,
        slug=f"{MARK}{draft.slug}",
        name=draft.name,
        share=draft.share,
        accounts=tuple(_account(random, member, company_id, draft.name, draft.domain) for member in draft.members),
        sources={channel.key: identity(random) for channel in CHANNELS},
        suppliers=suppliers,
        labels=tuple(Label(identity(random), suppliers[brand.supplier], brand) for brand in BRANDS),
    )


def staff(seed: str) -> tuple[Account, ...]:
    random = Random(f"{seed} staff")  # noqa: S311  # made-up data
    return tuple(_account(random, member, PLATFORM_ID, "leadcrm", STAFF_DOMAIN) for member in STAFF)


def _account(random: Random, member: Member, company_id: UUID, company: str, domain: str) -> Account:
    email = f"{member.name.split()[0].lower()}@{domain}"
    return Account(identity(random), company_id, email, member.name, member.role, company)


def shares(office: Office, leads: int) -> Deck[Account]:
    """Whose a lead of this office is. The first agent never gets more than one person can have."""
    agents = office.agents
    first = min(1 / len(agents), ANN_HAS_AT_MOST / max(1, leads))
    rest = (1 - first) / (len(agents) - 1)
    return Deck({agent: first if place == 0 else rest for place, agent in enumerate(agents)})


def divided(leads: int) -> list[int]:
    """How many each office has; together as many as asked."""
    parts = [int(leads * draft.share) for draft in DRAFTS]
    parts[-1] = leads - sum(parts[:-1])
    return parts
