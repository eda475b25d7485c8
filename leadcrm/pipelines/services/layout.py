"""The pipelines of a company and the steps in them; where a lead stands, and where it would come to stand.

A company that set up nothing has one pipeline, made from the standard stages. It is in no table; its ids follow from
the company's, so that it keeps them when somebody begins to change it.

A lead without a step stands in the step of the standard pipeline that takes in its stage. So imports, intake and
whatever else knows of stages alone need not know of steps. A stage without a step falls to the nearest one before it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID, uuid5
from weakref import WeakKeyDictionary

from flask_babel import gettext as _
from sqlalchemy import and_, select

from leadcrm.core.db import session
from leadcrm.leads.models.terms import CLOSED, PIPELINE, Stage
from leadcrm.pipelines.models.pipeline import Pipeline, Step

STAGES = tuple(Stage)


@dataclass(frozen=True)
class Stop:
    """A step as boards, rules and pages use it."""

    id: UUID
    pipeline_id: UUID
    stage: Stage
    given_name: str = ""
    takes_in: bool = True
    required: tuple[str, ...] = ()
    min_attempts: int | None = None

    @property
    def name(self) -> str:
        return self.given_name or self.stage.label

    @property
    def closes(self) -> bool:
        return self.stage in CLOSED

    @property
    def has_rules(self) -> bool:
        return bool(self.required or self.min_attempts)


@dataclass(frozen=True)
class Line:
    """A pipeline with its steps, in order."""

    id: UUID
    is_standard: bool
    stops: tuple[Stop, ...]
    given_name: str = ""

    @property
    def name(self) -> str:
        return self.given_name or str(_("Mortgage leads"))

    @property
    def open(self) -> tuple[Stop, ...]:
        return tuple(stop for stop in self.stops if not stop.closes)

    @property
    def closing(self) -> tuple[Stop, ...]:
        return tuple(stop for stop in self.stops if stop.closes)

    @cached_property
    def by_stage(self) -> Mapping[Stage, Stop]:
        """Where a lead of each stage belongs. A closed stage without a step belongs nowhere."""
        known = {stop.stage: stop for stop in reversed(self.stops)}
        known |= {stop.stage: stop for stop in self.stops if stop.takes_in}
        nearest = self.open[0] if self.open else None
        for stage in PIPELINE:
            nearest = known.get(stage, nearest)
            if nearest is not None:
                known.setdefault(stage, nearest)
        return known


@dataclass(frozen=True)
class Part:
    """Leads that stand in a column: those of this step (None: of no step) and stage. An index walks each."""

    step_id: UUID | None
    stage: Stage


@dataclass(frozen=True)
class Layout:
    """All pipelines of a company. `gone` are steps that were removed, not empty yet: their leads stand elsewhere."""

    company_id: UUID
    lines: tuple[Line, ...]
    is_own: bool = False
    gone: Mapping[UUID, Step] = field(default_factory=dict)

    @property
    def standard(self) -> Line:
        return next(line for line in self.lines if line.is_standard)

    @cached_property
    def _stops(self) -> Mapping[UUID, Stop]:
        return {stop.id: stop for line in self.lines for stop in line.stops}

    def line(self, ident: UUID | None) -> Line:
        return next((line for line in self.lines if line.id == ident), self.standard)

    def stop(self, ident: UUID | None) -> Stop | None:
        """Where the leads of this step stand: in it, or where those of a removed one went."""
        for _turn in range(len(self.gone)):
            ident = self.gone[ident].moved_to_id if ident and ident in self.gone else ident
        return self._stops.get(ident) if ident else None

    def of(self, lead: Any) -> Stop | None:
        """Where a lead stands; None for a closed one of a stage that has no step."""
        return self.stop(lead.step_id) or self.standard.by_stage.get(lead.stage)

    def line_of(self, lead: Any) -> Line:
        stop = self.of(lead)
        return self.line(stop.pipeline_id if stop else None)

    def target(self, lead: Any, stage: Stage) -> Stop | None:
        """Where a lead comes to stand that gets this stage: in its own pipeline, or in the standard one."""
        return self.line_of(lead).by_stage.get(stage) or self.standard.by_stage.get(stage)

    def written(self, stop: Stop | None, stage: Stage) -> tuple[UUID | None, UUID | None]:
        """Pipeline and step as they are kept on a lead; nothing when its stage says as much."""
        if stop is None or self.standard.by_stage.get(stage) == stop:
            return None, None
        return (None if stop.pipeline_id == self.standard.id else stop.pipeline_id), stop.id

    def parts(self, stop: Stop) -> list[Part]:
        """What stands in a column, as stretches of one index."""
        line = self.line(stop.pipeline_id)
        stages = [stage for stage in STAGES if line.by_stage.get(stage) == stop or stage == stop.stage]
        found = [Part(None, stage) for stage in STAGES if line.is_standard and line.by_stage.get(stage) == stop]
        if self.is_own:
            found += [Part(stop.id, stage) for stage in stages]
            found += [Part(step.id, step.stage) for step in self.gone.values() if self.stop(step.id) == stop]
        return found

    def __iter__(self) -> Iterator[Stop]:
        return (stop for line in self.lines for stop in line.stops)


_known: WeakKeyDictionary[Any, dict[UUID, Layout]] = WeakKeyDictionary()  # by the transaction that read it


def layout_of(company_id: UUID) -> Layout:
    """Read once a transaction."""
    transaction = session.get_transaction()
    kept = _known.setdefault(transaction, {}) if transaction is not None else {}
    if company_id not in kept:
        kept[company_id] = _read(company_id)
    return kept[company_id]


def forget() -> None:
    """After a change of pipelines or steps."""
    transaction = session.get_transaction()
    if transaction is not None:
        _known.pop(transaction, None)


def _read(company_id: UUID) -> Layout:
    its_steps = and_(Step.company_id == Pipeline.company_id, Step.pipeline_id == Pipeline.id)
    asked = select(Pipeline, Step).join(Step, its_steps).where(Pipeline.company_id == company_id)
    rows = session.execute(asked.order_by(Pipeline.position, Pipeline.created_at, Step.position, Step.id)).all()
    if not rows:
        return standard_layout(company_id)
    gone = {step.id: step for _pipeline, step in rows if step.removed_at and not step.emptied_at}
    lines = {pipeline.id: pipeline for pipeline, _step in rows if pipeline.removed_at is None}
    steps = [step for _pipeline, step in rows]
    return Layout(company_id, tuple(_line(each, steps) for each in lines.values()), is_own=True, gone=gone)


def _line(pipeline: Pipeline, steps: Iterable[Step]) -> Line:
    stops = (stop_of(step) for step in steps if step.pipeline_id == pipeline.id and step.removed_at is None)
    return Line(pipeline.id, pipeline.is_standard, tuple(stops), pipeline.name)


def stop_of(step: Step) -> Stop:
    return Stop(
        step.id, step.pipeline_id, step.stage, step.name, step.takes_in, tuple(step.required), step.min_attempts
    )


def standard_layout(company_id: UUID) -> Layout:
    """Of a company that set up nothing."""
    line_id = uuid5(company_id, "standard pipeline")
    stops = tuple(Stop(uuid5(company_id, f"standard step {stage}"), line_id, stage) for stage in STAGES)
    return Layout(company_id, (Line(line_id, True, stops),))


