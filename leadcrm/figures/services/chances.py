"""What a lead in a stage is worth for the months to come: how likely it ends in a mortgage, and when."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.figures.models import Chance
from leadcrm.leads.models.terms import UNDER_WAY, Stage


class Outlook(NamedTuple):
    chance: int  # basis points
    days: int


# A starting point, to be replaced by what a company sees of its own leads. Not from any source.
USUAL: Mapping[Stage, Outlook] = {
    Stage.NEW: Outlook(8_00, 110),
    Stage.ASSIGNED: Outlook(10_00, 109),
    Stage.CONTACT_SOUGHT: Outlook(12_00, 107),
    Stage.APPOINTMENT_PLANNED: Outlook(22_00, 101),
    Stage.NO_SHOW: Outlook(10_00, 101),
    Stage.APPOINTMENT_HELD: Outlook(35_00, 97),
    Stage.ENGAGED: Outlook(60_00, 94),
    Stage.INVENTORY: Outlook(65_00, 83),
    Stage.ADVICE: Outlook(70_00, 71),
    Stage.SUBMITTED: Outlook(78_00, 69),
    Stage.IN_PROCESS: Outlook(80_00, 66),
    Stage.RATE_OFFER: Outlook(85_00, 59),
    Stage.AWAITING_PAPERS: Outlook(85_00, 45),
    Stage.UNDERWRITING: Outlook(90_00, 38),
    Stage.BINDING_OFFER: Outlook(96_00, 29),
    Stage.FINAL_APPROVAL: Outlook(98_00, 14),
}


def outlooks() -> dict[Stage, Outlook]:
    """Of the company of who looks: its own where it has them."""
    own = {row.stage: Outlook(row.chance, row.days) for row in session.scalars(select(Chance))}
    return {stage: own.get(stage, USUAL[stage]) for stage in UNDER_WAY}


def save(stage: Stage, outlook: Outlook) -> None:
    """What equals the usual is not kept: it follows when the usual changes."""
    row = session.scalars(select(Chance).where(Chance.stage == stage)).one_or_none()
    if row is None and outlook == USUAL[stage]:
        return
    if row is None:
        row = Chance(company_id=signed_in_viewer().company_id, stage=stage)
        session.add(row)
    row.chance, row.days = outlook
