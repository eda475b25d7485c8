"""What other plugins may listen for. The sender is the lead; sent inside the transaction, before the commit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from blinker import signal

from leadcrm.leads.models.terms import ReturnReason, Stage

lead_created = signal("lead-created")  # one, through services.leads; see leads_created
lead_shown = signal("lead-shown")  # somebody opened its page
lead_assigned = signal("lead-assigned")  # previous: the owner's id before, or None; by: the viewer
stage_asked = signal("lead-stage-asked")  # asked: Asked; listeners refuse by raising Invalid, before any change
stage_changed = signal("lead-stage-changed")  # previous: the stage before; by: the viewer
lead_deleted = signal("lead-deleted")  # it is in nobody's way any more; it may be brought back
lead_moved = signal("lead-moved")  # asked: Asked, as it was done. Sent together with stage_changed


@dataclass
class Asked:
    """A lead is to go to another stage. Listeners may refuse it, and say to which step of which pipeline it goes."""

    stage: Stage
    by: Any
    reason: str | None = None
    return_reason: ReturnReason | None = None
    batch: UUID | None = None
    step_id: UUID | None = None  # asked: this very step; afterwards: the one that is written on the lead
    pipeline_id: UUID | None = None
    lost_reason_id: UUID | None = None
    step_name: str = ""  # in the company's own words
    undoes: UUID | None = None  # going back to where it was is never refused
    before: Mapping[str, Any] = field(default_factory=dict)  # columns of the lead


# Many at once: sent once for some hundreds, instead of the signal for each.
leads_created = signal("leads-created")  # sender: the company's id; made: sequence of services.many.Made; by: viewer
leads_assigned = signal("leads-assigned")  # sender: the batch's id; moves: sequence of services.many.Moved; by: viewer
