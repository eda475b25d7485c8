"""The lists: who is admitted from where, and changing them without locking oneself out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, and_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import INET

from leadcrm.addresses.models import Range
from leadcrm.addresses.services import ranges
from leadcrm.addresses.services.ranges import Entry
from leadcrm.core import audit
from leadcrm.core.db import session
from leadcrm.core.proxy import Address, client_address
from leadcrm.core.scope import Viewer

# On every request: built once, that costs more than running it.
ADMITTED = select(
    func.addresses_admit(
        bindparam("company", type_=Uuid()), bindparam("person", type_=Uuid()), cast(bindparam("address"), INET)
    )
)


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
    if address is None:
        return False
    asked = {"company": company_id, "person": user_id, "address": str(address)}
    return bool(session.execute(ADMITTED, asked).scalar_one())


AT_OPENING = "admitted"


def admits_at_opening(opened: Any) -> ColumnElement[bool]:
    """The same for whoever comes in with this request, as a part of the statement that opens their session."""
    here = bindparam("client_address", callable_=lambda: str(client_address() or "") or None, type_=Text())
    admitted: ColumnElement[bool] = func.addresses_admit(opened.company_id, opened.user_id, cast(here, INET))
    return and_(here.is_not(None), admitted)


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
