"""Households become rows of the leads plugin, written together by core's bulk writer."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from leadcrm.core import bulk
from leadcrm.core.db import now, session
from leadcrm.core.ids import id_in_order
from leadcrm.core.scope import Scope, Viewer
from leadcrm.imports.services import own
from leadcrm.imports.services.plan import Household
from leadcrm.imports.services.targets import INCOME, LEAD, PARTNER_INCOME, PARTS, PEOPLE
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.services import derive
from leadcrm.leads.services.references import reserve_references

Rows = dict[type[Any], list[dict[str, Any]]]

_OF_PERSON = {INCOME.key: "applicant", PARTNER_INCOME.key: "partner"}
_OF_LEAD = [part for part in PARTS if part is not LEAD and part not in PEOPLE]
_ORDER = [part.model for part in PARTS]  # lead and persons first: the others refer to them
_NUMBERED: dict[str, dict[str, Any]] = {"loan_part": {"number": 1}}


def write(viewer: Viewer, import_id: UUID, households: Sequence[Household]) -> int:
    """Stores new leads with all that belongs to them; returns their number."""
    given = [{"import_id": import_id} for _household in households]
    return len(write_each(viewer, households, given)[Lead])


def write_each(viewer: Viewer, households: Sequence[Household], given: Sequence[dict[str, Any]]) -> Rows:
    """The same, each with columns of its lead besides (its id too); returns what was written."""
    rows: Rows = defaultdict(list)
    if not households:
        return rows
    at = now()
    references = reserve_references(viewer.company_id, len(households))
    for household, besides, reference in zip(households, given, references, strict=True):
        _add(rows, viewer, household, besides | {"reference": reference}, at)
    for model in sorted(rows, key=_place):
        bulk.write(session, model, rows[model])
    return rows


def _place(model: type[Any]) -> int:
    """Tables of other plugins come last."""
    return _ORDER.index(model) if model in _ORDER else len(_ORDER)


def _add(rows: Rows, viewer: Viewer, household: Household, given: dict[str, Any], at: datetime) -> None:
    """One moment for all rows of a lead: whatever is newer has been changed since (see undoing.py)."""
    company_id, lead_id = viewer.company_id, given.get("id") or id_in_order()
    base = {"company_id": company_id, "created_at": at, "updated_at": at}
    lead = base | given | {"id": lead_id} | household["lead"] | _owner_and_stage(viewer, household["lead"], at)
    persons = []
    ids: dict[str, UUID] = {}
    for part in PEOPLE:
        if part.key in household:
            ids[part.key] = id_in_order()
            of_lead = {"id": ids[part.key], "lead_id": lead_id, "position": len(ids)}
            person = household[part.key]
            persons.append(base | of_lead | person | derive.of_person(company_id, person))
    wish, home = household.get("wish", {}), household.get("property", {})
    parts = [household["loan_part"]] if "loan_part" in household else []
    if "own" in household:
        _take_own(rows, lead, household["own"])
    rows[Lead].append(lead | derive.of_lead(company_id, lead, persons, wish, parts, home))
    rows[Person] += persons
    for part in _OF_LEAD:
        if part.key in household:
            of_person = {"person_id": ids[_OF_PERSON[part.key]]} if part.key in _OF_PERSON else {}
            keys: dict[str, Any] = {"id": id_in_order(), "lead_id": lead_id} | of_person | _NUMBERED.get(part.key, {})
            rows[part.model].append(base | keys | household[part.key])


def _take_own(rows: Rows, lead: dict[str, Any], values: dict[str, Any]) -> None:
    """What other plugins registered for (own.py)."""
    for source in own.sources():
        for model, more in source.take(lead, values).items():
            rows[model] += more


def _owner_and_stage(viewer: Viewer, lead: dict[str, Any], at: datetime) -> dict[str, Any]:
    """An agent's leads are their own; a manager's go to whom the file says, or wait to be assigned."""
    owner_id = viewer.user_id if viewer.scope == Scope.OWN else lead.get("owner_id")
    stage = lead.get("stage") or (Stage.ASSIGNED if owner_id else Stage.NEW)
    return {"owner_id": owner_id, "stage": stage, "stage_since": at}
