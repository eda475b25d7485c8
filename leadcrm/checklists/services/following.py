"""Whatever changes what a lead needs or has, by whichever way, has its figure worked out anew after the commit.

A listener and not a signal, so that no form or job can forget it. It costs nothing when none of these columns changed;
rows that are written in bulk (imports) are looked after at night.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from leadcrm.checklists import jobs
from leadcrm.checklists.models.of_lead import Extra, Said
from leadcrm.core.db import CrmSession
from leadcrm.core.jobs import defer
from leadcrm.documents.models.document import Document
from leadcrm.leads.models.asset import Asset
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import ExistingMortgage, Wish
from leadcrm.leads.models.obligation import Obligation
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.property import Property

DECIDING: Mapping[type, tuple[str, ...]] = {
    Lead: ("goal",),
    Person: ("marital_status", "property_regime", "residence_permit"),
    Income: ("employment", "person_id"),
    Obligation: ("kind", "person_id"),
    Asset: ("kind", "for_purchase"),
    Property: ("dwelling", "renovation", "leasehold", "ebv_amount"),
    Wish: ("own_funds", "nhg_wanted"),
    ExistingMortgage: (),
    Document: ("kind", "person_id", "lead_id", "state", "dated_on", "expires_on", "deleted_at"),
    Extra: (),
    Said: ("mark",),
}
NOTED = "checklists"


@event.listens_for(CrmSession, "after_flush")
def follow(of: Session, _flush: object) -> None:
    changed = {ident for row in of.dirty if type(row) in DECIDING for ident in _touched(row)}
    changed |= {_lead_of(row) for row in (*of.new, *of.deleted) if type(row) in DECIDING}
    gone = {row.id for row in of.deleted if isinstance(row, Lead)}
    noted: set[UUID] = of.info.setdefault(NOTED, set())
    for ident in sorted(changed - gone - noted):
        defer(jobs.refresh, ident, once=f"checklist {ident}", on=of)  # type: ignore[arg-type]  # ours is a CrmSession
    noted |= changed


def _touched(row: Any) -> Iterable[UUID]:
    """The lead of a row in which something that decides has changed; of a moved document, the one before too."""
    attributes = inspect(row).attrs
    histories = {name: attributes[name].history for name in DECIDING[type(row)]}
    if any(history.has_changes() for history in histories.values()):
        yield _lead_of(row)
        yield from histories["lead_id"].deleted or () if "lead_id" in histories else ()


def _lead_of(row: Any) -> UUID:
    ident: UUID = row.id if isinstance(row, Lead) else row.lead_id
    return ident


@event.listens_for(CrmSession, "after_commit")
@event.listens_for(CrmSession, "after_rollback")
def forget(of: Session) -> None:
    of.info.pop(NOTED, None)
