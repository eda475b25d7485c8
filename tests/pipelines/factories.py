"""Steps, pipelines and reasons of a company, made by whoever is looking."""

from typing import Any
from uuid import UUID

from leadcrm.core.db import session
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from leadcrm.pipelines.models.move import Move
from leadcrm.pipelines.models.pipeline import Reason
from leadcrm.pipelines.queries import board
from leadcrm.pipelines.services import setup
from leadcrm.pipelines.services.layout import Line, Stop, layout_of
from leadcrm.pipelines.services.reasons import save_reason


def a_step(name: str, stage: Stage, **values: Any) -> Stop:
    """In the standard pipeline."""
    given = {"min_attempts": None, "required": []} | values
    step = setup.add_step(setup.mine().standard, {"name": name, "stage": stage} | given)
    return stop_named(step.name or stage.label)


def with_rules(name: str, **values: Any) -> Stop:
    """A step that is there, with rules from now on."""
    stop = stop_named(name)
    setup.change_step(stop, {"name": stop.name, "min_attempts": None, "required": []} | values)
    return stop_named(name)


def a_pipeline(name: str = "Oversluiten") -> Line:
    made = setup.add_pipeline(name)
    return setup.mine().line(made.id)


def a_reason(company_id: UUID, name: str = "Eigen bank", stage: Stage | None = None) -> Reason:
    return save_reason(None, {"company_id": company_id, "name": name, "stage": stage, "active": True})


def stop_named(name: str, line: Line | None = None) -> Stop:
    stops = (line or setup.mine().standard).stops
    return next(stop for stop in stops if stop.name == name)


def stop_of(company_id: UUID, stage: Stage) -> Stop:
    return layout_of(company_id).standard.by_stage[stage]


def ids_of(stop: Stop) -> set[UUID]:
    """Which leads the board shows in a column."""
    asked = board.cards(setup.mine().parts(stop), board.Narrowed(), board.NEWEST)
    return {row.id for row in session.execute(asked)}


def a_move(lead: Lead) -> Move:
    """As if it was moved once, to where it stands."""
    made = Move(
        company_id=lead.company_id, lead_id=lead.id, by_id=lead.owner_id, from_stage=Stage.NEW,
        from_since=lead.stage_since, from_reason="Canary: reason", to_stage=lead.stage, to_name="Canary: step",
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def canaries(name: str, company_id: UUID) -> dict[str, UUID]:
    """A pipeline with a step, and a reason, by the names that addresses use."""
    line = a_pipeline(f"Canary pipeline {name}")
    step = setup.add_step(line, {"name": f"Canary step {name}", "stage": Stage.ADVICE, "required": []})
    return {"line_id": line.id, "step_id": step.id, "reason_id": a_reason(company_id, f"Canary reason {name}").id}
