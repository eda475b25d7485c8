"""The lists: who is admitted from where, and changing them without locking oneself out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, cast, func, select
from sqlalchemy.dialects.postgresql import INET

from leadcrm.addresses.models import Range
from leadcrm.addresses.services import ranges
from leadcrm.addresses.services.ranges import Entry
from leadcrm.core import audit
from leadcrm.core.db import session
from leadcrm.core.proxy import Address
from leadcrm.core.scope import Viewer


class LocksYouOut(Exception):
    """The list would keep out who saves it; `address` is where they come from."""

    def __init__(self, address: Address | None):
        self.address = address
        super().__init__(str(address))


@dataclass(frozen=True)
class List:
    """Whose list: a person's, or without one the whole company's."""

    company_id: UUID
    user_id: UUID | None = None

    def holds_for(self, viewer: Viewer) -> bool:
        return self.company_id == viewer.company_id and self.user_id in (None, viewer.user_id)


def admits(company_id: UUID, user_id: UUID, address: Address | None) -> bool:
    """Whether the lists of this person's company and of the person let them in from there. Asks the database."""
    given = cast(str(address) if address else None, INET)
    asked = func.addresses_admit(cast(company_id, Uuid), cast(user_id, Uuid), given)
    return bool(session.execute(select(asked)).scalar_one()) and address is not None


def entries_of(which: List) -> list[Entry]:
    return [Entry(ranges.canonical_range(row.network), row.label) for row in _rows(which)]


def _rows(which: List) -> list[Range]:
    of_user = Range.user_id.is_(None) if which.user_id is None else Range.user_id == which.user_id
    wanted = select(Range).where(Range.company_id == which.company_id, of_user).order_by(Range.network)
    return list(session.scalars(wanted))


def refuse_lock_out(which: List, entries: Sequence[Entry], viewer: Viewer, address: Address | None) -> None:
    """Raises LocksYouOut. Whoever saves a list of their own must come from within it."""
    networks = [entry.network for entry in entries]
    if which.holds_for(viewer) and not ranges.admit(networks, address):
        raise LocksYouOut(address)


def save(which: List, entries: Sequence[Entry]) -> bool:
    """Make the list be exactly this; what stays keeps its row. True when anything changed."""
    before = {ranges.canonical_range(row.network): row for row in _rows(which)}
    after = {entry.network: entry.label for entry in entries}
    gone, come = before.keys() - after.keys(), after.keys() - before.keys()
    renamed = [network for network in before.keys() & after.keys() if before[network].label != after[network]]
    for network in gone:
        session.delete(before[network])
    for network in renamed:
        before[network].label = after[network]
    session.add_all(
        Range(company_id=which.company_id, user_id=which.user_id, network=str(network), label=after[network])
        for network in sorted(come, key=str)
    )
    if gone or come:
        audit.note("address list changed", company_id=which.company_id, subject="addresses_range",
                   user=str(which.user_id or ""), ranges=len(after), added=len(come), removed=len(gone))
    return bool(gone or come or renamed)
