"""A second pipeline, rules and reasons for the office that is shown first; the others keep what is standard."""

from collections.abc import Sequence

from sqlalchemy import select

from leadcrm.auth.permissions import Role
from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.jobs import maintenance
from leadcrm.core.scope import Scope, Viewer, viewing_as
from leadcrm.demo.services.offices import Office
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import CLOSED, Goal, Stage
from leadcrm.pipelines.services import setup, steps
from leadcrm.pipelines.services.layout import Line
from leadcrm.pipelines.services.reasons import save_reason

WHY = "demo pipelines"
NAME = "Oversluiten"
REASONS = ("Blijft bij de eigen bank", "Koos een andere adviseur", "Huis ging niet door", "Te duur")
EXTRA = (("Rente vergeleken", Stage.ADVICE), ("Boete opgevraagd", Stage.INVENTORY))
DEMANDS = {Stage.SUBMITTED: ["birth_date", "income", "mortgage_amount"], Stage.PAID_OUT: ["mortgage_amount"]}
IN_SECOND = 40  # leads


def set_up(offices: Sequence[Office]) -> None:
    """Once: an office with steps of its own is left as it is."""
    office = offices[0]
    manager = next((account for account in office.accounts if account.role == Role.MANAGER), None)
    if manager is None:
        return
    viewer = Viewer(Scope.COMPANY, office.id, manager.id, role=str(Role.MANAGER))
    with maintenance(WHY), viewing_as(viewer):
        if not setup.mine().is_own:
            _fill(office, viewer)
        session.flush()


def _fill(office: Office, viewer: Viewer) -> None:
    made = setup.add_pipeline(NAME)
    line = setup.mine().line(made.id)
    for name, stage in EXTRA:
        setup.add_step(line, {"name": name, "stage": stage, "min_attempts": None, "required": []})
    for stage, names in DEMANDS.items():
        stop = setup.mine().standard.by_stage[stage]
        setup.change_step(stop, {"name": stop.name, "min_attempts": None, "required": names})
    stop = setup.mine().standard.by_stage[Stage.UNREACHABLE]
    setup.change_step(stop, {"name": stop.name, "min_attempts": 3, "required": []})
    for name in REASONS:
        save_reason(None, {"company_id": office.id, "name": name, "stage": Stage.NOT_INTERESTED, "active": True})
    _spread(setup.mine().line(line.id), viewer)


def _spread(line: Line, viewer: Viewer) -> None:
    """Some who want another mortgage, over the steps of their pipeline."""
    wanted = select(Lead).where(Lead.goal == Goal.REMORTGAGE, Lead.deleted_at.is_(None), Lead.stage.not_in(CLOSED))
    for number, lead in enumerate(session.scalars(wanted.order_by(Lead.created_at.desc()).limit(IN_SECOND)).all()):
        try:
            steps.move(lead, line.open[number % len(line.open)], viewer)
        except Invalid:  # a rule keeps this one where it is
            continue
