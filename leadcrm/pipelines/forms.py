"""Forms of steps, of reasons, and of moving a lead."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.forms import Form, FormField
from leadcrm.leads.forms import Pick
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import NEEDS_REASON, ReturnReason, Stage
from leadcrm.pipelines.models.pipeline import Step
from leadcrm.pipelines.services import demands
from leadcrm.pipelines.services.layout import Layout, Line, Stop
from leadcrm.pipelines.services.reasons import active_reasons, reasons_for
from leadcrm.pipelines.services.rules import Refused

NAMES = ("name", "stage", "min_attempts")


class MoveForm:
    """Where to, and what closing asks. Only what the chosen step asks for is shown, when one is chosen already."""

    def __init__(self, lead: Lead, layout: Layout, step: str = ""):
        here = layout.of(lead)
        self.layout, self.company_id, self.here = layout, lead.company_id, here
        several = len(layout.lines) > 1
        offered = [
            (str(stop.id), f"{line.name}: {stop.name}" if several else stop.name)
            for line in layout.lines for stop in line.stops if here is None or stop.id != here.id
        ]  # fmt: skip
        self.step = Pick("step", str(_("To step")), offered, required=True, value=step)
        if step and step not in dict(offered):
            self.step.value = ""
        self.text = Form(Lead, ("stage_reason",))
        self.back_reason = Form(Lead, ("return_reason",))
        self.lost = Pick("lost_reason", str(_("Why")), [])
        self.errors: list[str] = []
        self._ask()

    def _ask(self) -> None:
        """The company's reasons for the chosen step; all of them when none is chosen yet."""
        stop = self.stop
        reasons = reasons_for(self.company_id, stop.stage) if stop else active_reasons(self.company_id)
        self.lost.options = [(str(each.id), each.name) for each in reasons]
        self.lost.required = stop is not None and bool(reasons)
        self.text["stage_reason"].required = self.must_say_why
        self.back_reason["return_reason"].required = stop is not None and stop.stage == Stage.RETURNED

    @property
    def stop(self) -> Stop | None:
        return self.layout.stop(self.step.chosen) if self.step.value else None

    @property
    def asks_reason(self) -> bool:
        return self.stop is None or self.stop.closes

    @property
    def asks_return(self) -> bool:
        return self.stop is None or self.stop.stage == Stage.RETURNED

    @property
    def must_say_why(self) -> bool:
        return self.stop is not None and self.stop.stage in NEEDS_REASON and not self.lost.options

    def read(self, typed: Mapping[str, str]) -> bool:
        if self.here is not None and typed.get("step") == str(self.here.id):
            self.step.value = str(self.here.id)  # where it stands already: sent twice, or from two windows
            return True
        self.step.read(typed)
        self._ask()
        if self.lost.options:
            self.lost.read(typed)
        self.text.read(typed)
        self.back_reason.read(typed)
        return self.valid

    def refuse(self, problem: Invalid) -> None:
        if isinstance(problem, Refused) and problem.field == "lost_reason":
            self.lost.errors.append(str(problem.message))
        else:
            self.errors.append(str(problem.message))

    def __iter__(self) -> Iterator[Any]:
        yield from (self.step, self.lost, *self.text, *self.back_reason)

    @property
    def valid(self) -> bool:
        return not self.errors and not any(each.errors for each in self)

    @property
    def problem(self) -> str:
        """All that is wrong, as one text."""
        return " ".join([*self.errors, *(f"{each.label}: {message}" for each in self for message in each.errors)])

    @property
    def reason(self) -> str | None:
        return self.text.values.get("stage_reason")

    @property
    def return_reason(self) -> ReturnReason | None:
        return self.back_reason.values.get("return_reason")

    @property
    def lost_reason_id(self) -> UUID | None:
        return self.lost.chosen


class StepForm:
    """A step as a manager fills it in. What it counts as can be chosen once: that is what its leads are."""

    def __init__(self, stop: Stop | None = None):
        names = tuple(name for name in NAMES if stop is None or name != "stage")
        self.main = Form(Step, names)
        self.required: set[str] = set()
        self.stop = stop
        if stop is not None:
            self.main["name"].value = stop.name
            self.main["min_attempts"].value = str(stop.min_attempts or "")
            self.required = set(stop.required)

    @property
    def demands(self) -> list[tuple[str, str, bool]]:
        return [(name, label, name in self.required) for name, label in demands.options()]

    def read(self, typed: Any) -> bool:
        """`typed` is a MultiDict."""
        self.required = set(typed.getlist("required")) & {name for name, _label in demands.options()}
        return self.main.read(typed)

    @property
    def values(self) -> dict[str, Any]:
        ordered = [name for name, _label in demands.options() if name in self.required]
        return self.main.values | {"required": ordered}

    @property
    def valid(self) -> bool:
        return self.main.valid

    @property
    def errors(self) -> list[str]:
        return self.main.errors

    def __iter__(self) -> Iterator[FormField]:
        return iter(self.main)


def steps_to_go_to(lines: Iterable[Line], besides: Stop) -> list[tuple[str, str]]:
    """For the leads of a step that is removed."""
    several = len(tuple(lines)) > 1
    return [
        (str(stop.id), f"{line.name}: {stop.name}" if several else stop.name)
        for line in lines for stop in line.stops if stop.id != besides.id
    ]  # fmt: skip


