"""Forms: the values of a lead's own fields, and one field itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.fields.text import Text
from leadcrm.core.forms import Form, FormField
from leadcrm.custom_fields.models import Definition, Type
from leadcrm.custom_fields.services.definitions import MOST_OPTIONS, OwnField
from leadcrm.custom_fields.services.kinds import OwnChoice
from leadcrm.leads.models.lead import Lead

PREFIX = "own-"
FIELDS = ("name", "type", "help", "unit", "required", "on_new", "category", "purpose", "personal", "sensitive")
FIXED = ("type", "sensitive")  # once there are values
SWITCHES = ("required", "on_new", "personal", "sensitive")  # yes or no, never unknown
LABEL = Text(80)


class OwnForm(Form):
    """The values of these fields; the same checks as of any other field."""

    def __init__(self, fields: Sequence[OwnField], kept: frozenset[str] = frozenset()):
        """`kept`: keys of values that this person may not see; left empty they stay, so they are not asked for."""
        self.own = {field.key: field for field in fields}
        self.model, self.names, self.prefix = Lead, tuple(self.own), PREFIX
        self.fields = {
            key: FormField(field.facts, PREFIX + key, field.required and key not in kept, field.kind)
            for key, field in self.own.items()
        }
        self.values: dict[str, Any] = {}
        self.errors: list[str] = []

    def show(self, values: Mapping[OwnField, Any]) -> "OwnForm":
        for field, value in values.items():
            shown = self.fields[field.key]
            shown.value = "" if value is None else field.kind.edit(value)
            if isinstance(field.kind, OwnChoice) and value and value not in dict(field.kind.options):
                self.offer(field.key, [*field.kind.options, (value, field.kind.show(value))])
        return self

    def read(self, typed: Mapping[str, str]) -> bool:
        self.values = {}
        for key, shown in self.fields.items():
            shown.value = typed.get(shown.id, "")
            try:
                is_gone = shown.value in dict(shown.options or ())  # a choice that this lead has; it may stay
                self.values[key] = shown.value if is_gone else shown.kind.parse(shown.value)
            except Invalid as problem:
                self.refuse(key, str(problem))
        self._refuse_missing()
        return self.valid

    @property
    def chosen(self) -> dict[OwnField, Any]:
        return {self.own[key]: value for key, value in self.values.items()}


class DefinitionForm(Form):
    """One field, with its choices."""

    def __init__(self, row: Definition | None = None):
        super().__init__(Definition, tuple(name for name in FIELDS if row is None or name not in FIXED))
        for name in SWITCHES:
            if name in self.fields:
                self.offer(name, [(value, word) for value, word in self.fields[name].kind.options if value])
        self.row = row
        self.labels = {option.key: option.label for option in row.options if not option.gone} if row else {}
        self.more = ""  # choices to be added, one a line
        self.choice_errors: list[str] = []

    def read(self, typed: Mapping[str, str]) -> bool:
        super().read(typed)
        self.labels = {key: " ".join(typed.get(f"choice-{key}", "").split()) for key in self.labels}
        self.more = typed.get("choices", "")
        for name in SWITCHES:
            if name in self.values and self.values[name] is None:
                self.values[name] = False
        if self.valid and self.type_now == Type.CHOICE:
            self._check_choices()
        return self.valid

    @property
    def type_now(self) -> Type | None:
        return self.row.type if self.row else self.values.get("type")

    @property
    def new_labels(self) -> list[str]:
        return list(dict.fromkeys(" ".join(line.split()) for line in self.more.splitlines() if line.strip()))

    def _check_choices(self) -> None:
        labels = [*filter(None, self.labels.values()), *self.new_labels]
        if len(labels) < 2:
            self.choice_errors.append(_("Give at least two choices."))
        if len(labels) > MOST_OPTIONS or any(len(label) > LABEL.max_length for label in labels):
            self.choice_errors.append(
                _("At most %(most)s choices, of %(long)s characters each.", most=MOST_OPTIONS, long=LABEL.max_length)
            )
        if len({label.casefold() for label in labels}) < len(labels):
            self.choice_errors.append(_("Two choices have the same name."))

    @property
    def valid(self) -> bool:
        return super().valid and not self.choice_errors
