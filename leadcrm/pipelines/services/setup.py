"""Changing the pipelines of a company: steps added, renamed, put elsewhere and removed, with where their leads go."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.models.terms import Stage
from leadcrm.pipelines.models.pipeline import Pipeline, Step
from leadcrm.pipelines.services.layout import STAGES, Layout, Line, Stop, forget, layout_of

MOST_STEPS = 30
MOST_PIPELINES = 12
SHORT = (
    Stage.NEW, Stage.CONTACT_SOUGHT, Stage.APPOINTMENT_PLANNED, Stage.ADVICE, Stage.SUBMITTED, Stage.PAID_OUT,
    Stage.NOT_INTERESTED, Stage.UNREACHABLE, Stage.ENDED,
)  # fmt: skip


def mine() -> Layout:
    return layout_of(signed_in_viewer().company_id)


def owned() -> Layout:
    """The company's own rows; the first change writes down what was standard until then, under the same ids."""
    layout = mine()
    if not layout.is_own:
        for line in layout.lines:
            _write(layout.company_id, line)
        session.flush()
        forget()
    return mine()


def _write(company_id: UUID, line: Line, name: str = "") -> Pipeline:
    made = Pipeline(company_id=company_id, id=line.id, name=name, is_standard=line.is_standard, position=0)
    session.add(made)
    session.flush()
    for position, stop in enumerate(line.stops):
        session.add(_row(company_id, stop, position))
    return made


def _row(company_id: UUID, stop: Stop, position: int) -> Step:
    return Step(
        company_id=company_id, id=stop.id, pipeline_id=stop.pipeline_id, name=stop.given_name, stage=stop.stage,
        position=position, takes_in=stop.takes_in, required=list(stop.required), min_attempts=stop.min_attempts,
    )  # fmt: skip


def add_pipeline(name: str, like: Line | None = None) -> Pipeline:
    """With the steps of another one, or with a short row to begin with."""
    layout = owned()
    _refuse_name(name, [line.name for line in layout.lines])
    if len(layout.lines) >= MOST_PIPELINES:
        raise Invalid(_("There are %(most)s pipelines already: remove one first.", most=MOST_PIPELINES))
    made = Pipeline(company_id=layout.company_id, name=name, is_standard=False, position=len(layout.lines))
    session.add(made)
    session.flush()
    for position, step in enumerate(_copied(made, like)):
        step.position = position
        session.add(step)
    _changed()
    return made


def _copied(made: Pipeline, like: Line | None) -> Sequence[Step]:
    of = {"company_id": made.company_id, "pipeline_id": made.id}
    if like is None:
        return [Step(**of, name="", stage=stage, takes_in=True, required=[]) for stage in SHORT]
    return [
        Step(**of, name=stop.given_name, stage=stop.stage, takes_in=stop.takes_in, required=list(stop.required),
             min_attempts=stop.min_attempts)
        for stop in like.stops
    ]  # fmt: skip


def rename_pipeline(line: Line, name: str) -> None:
    _refuse_name(name, [each.name for each in owned().lines if each.id != line.id])
    _pipeline(line).name = name
    _changed()


def remove_pipeline(line: Line) -> list[Step]:
    """Its leads go to the steps of the standard pipeline that take in their stages. Returns what has to be emptied."""
    layout = owned()
    if line.is_standard:
        raise Invalid(_("The standard pipeline is where leads come in: it cannot be removed."))
    _pipeline(line).removed_at = now()
    steps = [_step(stop) for stop in line.stops]
    for step in steps:
        target = layout.standard.by_stage.get(step.stage) or layout.standard.stops[0]
        step.removed_at, step.moved_to_id = now(), target.id
    _changed()
    return steps


def add_step(line: Line, values: Mapping[str, Any], after: UUID | None = None) -> Step:
    """After another step, or where its stage belongs: those that close a lead come last."""
    line = owned().line(line.id)
    if len(line.stops) >= MOST_STEPS:
        raise Invalid(_("There are %(most)s steps already: remove one first.", most=MOST_STEPS))
    _refuse_name(values["name"], [stop.name for stop in line.stops])
    takes_in = all(stop.stage != values["stage"] for stop in line.stops)
    company = signed_in_viewer().company_id
    step = Step(company_id=company, pipeline_id=line.id, takes_in=takes_in, **_named(values))
    session.add(step)
    ids = [stop.id for stop in line.stops]
    place = ids.index(after) + 1 if after in ids else _place_of(step.stage, line)
    session.flush()
    _put(line, [*ids[:place], step.id, *ids[place:]])
    _changed()
    return step


def _place_of(stage: Stage, line: Line) -> int:
    """Behind the last step that counts as this stage or an earlier one."""
    before = [place for place, stop in enumerate(line.stops, 1) if STAGES.index(stop.stage) <= STAGES.index(stage)]
    return max(before, default=0)


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    """A step that is called as its stage needs no name of its own: so it keeps both languages."""
    stage = Stage(values["stage"])
    return dict(values) | {"stage": stage, "name": "" if values["name"] == stage.label else values["name"]}


def change_step(stop: Stop, values: Mapping[str, Any]) -> None:
    """Everything but the stage it counts as: that is what its leads are."""
    line = owned().line(stop.pipeline_id)
    _refuse_name(values["name"], [each.name for each in line.stops if each.id != stop.id])
    step = _step(stop)
    for name, value in _named({**values, "stage": step.stage}).items():
        setattr(step, name, value)
    _changed()


def shift(stop: Stop, by: int) -> bool:
    """One place earlier or later. Steps that close a lead stay behind the others. False when there is no place."""
    line = owned().line(stop.pipeline_id)
    ids = [each.id for each in line.stops]
    place = ids.index(stop.id)
    there = place + by
    if not 0 <= there < len(ids) or line.stops[there].closes != stop.closes:
        return False
    ids[place], ids[there] = ids[there], ids[place]
    _put(line, ids)
    _changed()
    return True


def remove_step(stop: Stop, target: Stop) -> Step:
    """Its leads go to another step: at once for who looks, and in the background on the leads themselves."""
    line = owned().line(stop.pipeline_id)
    if not stop.closes and len(line.open) == 1:
        raise Invalid(_("A pipeline keeps at least one step: remove the whole pipeline instead."))
    if target.id == stop.id:
        raise Invalid(_("Choose another step for the leads."))
    step = _step(stop)
    step.removed_at, step.moved_to_id = now(), target.id
    successor = next((each for each in line.stops if each.stage == stop.stage and each.id != stop.id), None)
    if stop.takes_in and successor is not None:
        _step(successor).takes_in = True
    _changed()
    return step


def _put(line: Line, ids: Sequence[UUID]) -> None:
    rows = {step.id: step for step in session.scalars(select(Step).where(Step.pipeline_id == line.id))}
    for position, ident in enumerate(ids):
        rows[ident].position = position


def closing_stages() -> list[tuple[str, str]]:
    return [(str(stage), stage.label) for stage in Stage if stage.is_closed]


def _pipeline(line: Line) -> Pipeline:
    return session.scalars(select(Pipeline).where(Pipeline.id == line.id)).one()


def _step(stop: Stop) -> Step:
    return session.scalars(select(Step).where(Step.id == stop.id)).one()


def _refuse_name(name: str, taken: Sequence[str]) -> None:
    if name.casefold() in {each.casefold() for each in taken}:
        raise Invalid(_("There is one with this name already. Choose another name."))


def _changed() -> None:
    session.flush()
    forget()
