"""The client's side of a link: opening it, giving the code, being inside for a while.

Nobody is looking here: all goes through doors.py. Guesses are limited per link and per network, in the database.
"""

import secrets as random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any
from uuid import UUID

from limits import parse_many

from leadcrm.collecting.models.link import CODE_DIGITS
from leadcrm.collecting.services import doors, secrets
from leadcrm.collecting.services.links import MOST_WRONG
from leadcrm.core import audit, limits
from leadcrm.core.db import journal, session
from leadcrm.core.limits import Allowed
from leadcrm.core.scope import Scope, Viewer, viewing_as

LASTS = timedelta(hours=4)
UNKNOWN_NETWORK = parse_many("30 per 5 minutes; 200 per day")
CODE_LINK = parse_many("5 per 5 minutes; 30 per day")
CODE_NETWORK = parse_many("20 per 5 minutes; 100 per day")
CLIENT = "client link"  # what the audit trail says of who did it


class DeadLink(Exception):
    """Invented, revoked, expired, of a removed lead: all the same to who asks."""


class TooOften(Exception):
    """Nothing was looked at; says when to come back."""

    def __init__(self, seconds: float):
        self.minutes = ceil(seconds / 60)
        super().__init__(self.minutes)


class WrongCode(Exception):
    """`locked`: too many were wrong; another code is needed."""

    def __init__(self, locked: bool):
        self.locked = locked
        super().__init__(locked)


@dataclass(frozen=True)
class Inside:
    """A client in one browser, who gave the code."""

    token_hash: bytes
    visit_hash: bytes
    company_id: UUID
    link_id: UUID
    company_name: str
    adviser: str
    client: str
    language: str
    expires_at: Any

    @property
    def viewer(self) -> Viewer:
        """Sees nothing of a company but the uploads that came through this link."""
        return client_of(self)


def client_of(link: Any) -> Viewer:
    return Viewer(Scope.NONE, link.company_id, link.link_id, role=CLIENT)


def open_link(token: str, network: str) -> Any:
    """What may be said of a link before the code: the company, the language, how the code comes. Raises DeadLink."""
    guessing = [Allowed.by(item, "client link", network) for item in UNKNOWN_NETWORK]
    _reserve(guessing)
    with viewing_as(None):
        found = doors.open_link(session, secrets.hash_of(token), MOST_WRONG)
    if found is None:
        raise DeadLink(network)
    limits.give_back(guessing)
    return found


def _reserve(wanted: Sequence[Allowed]) -> None:
    seconds = limits.reserve(wanted)
    if seconds:
        raise TooOften(seconds)


def enter(token: str, link: Any, typed: str, network: str) -> str:
    """The token of a visit, for who gave the right code to an open link. Raises DeadLink, TooOften, WrongCode."""
    code = secrets.typed_code(typed)
    tries = [
        *(Allowed.by(item, "client code", str(link.link_id)) for item in CODE_LINK),
        *(Allowed.by(item, "client code from", network) for item in CODE_NETWORK),
    ]
    _reserve(tries)
    visit = random.token_urlsafe(secrets.TOKEN_BYTES)
    mac = secrets.mac_of(code if len(code) == CODE_DIGITS else "", link.company_id, link.link_id)
    with viewing_as(None), journal() as own:
        became = doors.enter(own, secrets.hash_of(token), mac, secrets.hash_of(visit), network, LASTS, MOST_WRONG)
    if became != "entered":
        raise DeadLink(network) if became == "dead" else WrongCode(became == "locked")
    limits.give_back(tries)
    audit.note("client came in", company_id=link.company_id, subject="collecting_link", link=str(link.link_id))
    return visit


def inside(token: str, visit: str) -> Inside | None:
    """Who came in with this browser, through this link and no other."""
    if not visit or len(visit) > secrets.LONGEST_TOKEN:
        return None
    token_hash, visit_hash = secrets.hash_of(token), secrets.hash_of(visit)
    with viewing_as(None):
        found = doors.visit(session, token_hash, visit_hash)
    return Inside(token_hash, visit_hash, **found._mapping) if found is not None else None


def asked(who: Inside) -> list[Any]:
    with viewing_as(None):
        return doors.asked(session, who.visit_hash)


def leave(who: Inside) -> None:
    with viewing_as(None):
        doors.leave(session, who.visit_hash)
