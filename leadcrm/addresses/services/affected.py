"""Whom a list touches: the people it holds for, and where they are signed in from at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from leadcrm.addresses import queries
from leadcrm.addresses.services import ranges
from leadcrm.addresses.services.rules import List
from leadcrm.auth.models.people import User
from leadcrm.auth.services import sessions
from leadcrm.core.db import session
from leadcrm.core.proxy import Network

MOST = 200  # people shown


@dataclass(frozen=True)
class Affected:
    """A person: the networks they are signed in from now, which of them the lists keep out, ranges of their own."""

    user: User
    here: list[str]
    kept_out: list[str]
    own: int


def of(which: List, networks: Sequence[Network]) -> list[Affected]:
    """Everybody for whom the list holds, as if it held these networks."""
    found = session.scalars(queries.people_of(which.company_id)).all()
    people = [user for user in found if which.user_id in (None, user.id)][:MOST]
    own, company = _own(which.company_id), _company(which, networks)
    return [_affected(user, company, networks if which.user_id else own.get(user.id, []), own) for user in people]


def _company(which: List, networks: Sequence[Network]) -> Sequence[Network]:
    if which.user_id is None:
        return networks
    return [ranges.canonical_range(row.network) for row in session.scalars(queries.ranges_of_company(which.company_id))]


def _own(company_id: UUID) -> dict[UUID, list[Network]]:
    own: dict[UUID, list[Network]] = {}
    for row in session.scalars(queries.ranges_of_people(company_id)):
        own.setdefault(row.user_id, []).append(ranges.canonical_range(row.network))
    return own


def _affected(
    user: User, company: Sequence[Network], personal: Sequence[Network], own: dict[UUID, list[Network]]
) -> Affected:
    """A session keeps its network only, so one that the list touches may be admitted."""
    here = sorted({visit.address_prefix for visit in sessions.of_user(user.id)})
    kept_out = [prefix for prefix in here if not _touched(prefix, company) or not _touched(prefix, personal)]
    return Affected(user, here, kept_out, len(own.get(user.id, [])))


def _touched(prefix: str, networks: Sequence[Network]) -> bool:
    try:
        return ranges.touch(networks, ranges.canonical_range(prefix))
    except ValueError:  # unknown
        return not networks
