"""The form of a line of the template: the columns, and of which goals and incomes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadcrm.checklists.models.rule import Rule
from leadcrm.checklists.models.terms import Per, Situation
from leadcrm.checklists.services.defaults import Want
from leadcrm.core.fields.terms import Terms
from leadcrm.core.forms import Form
from leadcrm.leads.models.terms import Employment, Goal

NAMES = (
    "active", "name_nl", "ask_nl", "kind", "per", "situation", "copies", "months", "name_en", "ask_en",
)  # fmt: skip
LANGUAGE = ("name_en", "ask_en")


@dataclass
class Several:
    """Any number of a closed list."""

    name: str
    terms: type[Terms]
    chosen: set[str] = field(default_factory=set)

    def read(self, typed: Iterable[str]) -> None:
        self.chosen = set(typed) & {str(term) for term in self.terms}

    @property
    def options(self) -> Sequence[tuple[str, str, bool]]:
        return [(str(term), term.label, str(term) in self.chosen) for term in self.terms]


class RuleForm:
    """One line as somebody fills it in."""

    def __init__(self, want: Want | None = None):
        self.main = Form(Rule, NAMES)
        self.goals, self.incomes = Several("goal", Goal), Several("income", Employment)
        if want is None:
            shown = {"active": "yes", "copies": "1", "per": str(Per.HOUSEHOLD), "situation": str(Situation.ALWAYS)}
        else:
            shown = {name: _edited(self.main, name, getattr(want, name)) for name in NAMES}
            self.goals.chosen, self.incomes.chosen = set(want.goals), set(want.incomes)
        for name, value in shown.items():
            self.main[name].value = value

    def read(self, typed: Any) -> bool:
        """`typed` is a MultiDict."""
        self.goals.read(typed.getlist("goal"))
        self.incomes.read(typed.getlist("income"))
        return self.main.read(typed)


def _edited(form: Form, name: str, value: Any) -> str:
    return "" if value is None else form[name].kind.edit(value)
