"""An arrival on its way to be a lead, with what was agreed for its source."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.ids import id_in_order
from leadcrm.core.scope import Scope, Viewer
from leadcrm.intake.models.arrival import Arrival
from leadcrm.intake.models.inlet import Inlet
from leadcrm.intake.services.content import Content
from leadcrm.intake.services.reading import Judged
from leadcrm.leads.models.source import Label, Source


@dataclass(frozen=True)
class Agreed:
    """What counts for everything from one source."""

    inlet: Inlet
    source: Source
    label: Label | None

    def of_lead(self, arrival: Arrival) -> dict[str, Any]:
        """Source, label, and what was agreed for it."""
        given: dict[str, Any] = {"source_id": self.inlet.source_id, "label_id": self.inlet.label_id}
        if self.label is not None:
            given |= {"supplier_id": self.label.supplier_id, "lead_cost": self.label.price,
                      "exclusive": self.label.exclusive}  # fmt: skip
            if self.label.return_days is not None:
                given["return_deadline"] = arrival.arrived_at + timedelta(days=self.label.return_days)
        return given


@dataclass
class Candidate:
    arrival: Arrival
    content: Content
    judged: Judged
    terms: Agreed
    lead_id: UUID = field(default_factory=id_in_order)


def keeper_of(company_id: UUID) -> Viewer:
    """Nobody signed in: sees the company, as its managers do, and has no user's id."""
    return Viewer(Scope.COMPANY, company_id, company_id, name="intake", role="intake")


def terms_of(company_id: UUID) -> dict[UUID, Agreed]:
    asked = (
        select(Inlet, Source, Label)
        .join(Source, (Source.company_id == Inlet.company_id) & (Source.id == Inlet.source_id))
        .outerjoin(Label, (Label.company_id == Inlet.company_id) & (Label.id == Inlet.label_id))
        .where(Inlet.company_id == company_id)
    )
    return {inlet.id: Agreed(inlet, source, label) for inlet, source, label in session.execute(asked)}
