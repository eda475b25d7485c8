"""The fields of a company: adding, changing, ordering and removing them, and taking that back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from leadcrm.core.db import now, session
from leadcrm.core.fields.bsn import is_word
from leadcrm.core.fields.facts import Facts
from leadcrm.core.fields.kinds import Invalid, Kind
from leadcrm.core.scope import current_viewer, signed_in_viewer
from leadcrm.custom_fields.models import MOST, Definition, Option, RegisterCategory, RegisterPurpose, Type
from leadcrm.custom_fields.services.kinds import kind_of

FOUND, TEXT, SEALED = "f", "t", "s"  # first letters of keys
MOST_OPTIONS = 60


@dataclass(frozen=True)
class OwnField:
    """A field as the rest of the application takes it: like a column with facts. Values are kept by its key."""

    id: UUID
    key: str
    name: str
    type: Type
    help: str
    unit: str
    required: bool
    on_new: bool
    category: RegisterCategory
    purpose: RegisterPurpose
    personal: bool
    sensitive: bool
    options: tuple[Option, ...]

    @cached_property
    def kind(self) -> Kind:
        kind: Kind = kind_of(self.type, self.unit, self.options)
        return kind

    @cached_property
    def facts(self) -> Facts:
        """In the words of the company, whatever the language."""
        return Facts(
            nl=self.name, en=self.name, kind=self.kind, name=self.key, category=self.category.category,
            purpose=self.purpose.purpose, personal=self.personal or self.sensitive, sensitive=self.sensitive,
            audited=True, importable=True, required=self.required, help_nl=self.help, help_en=self.help,
        )  # fmt: skip

    @property
    def is_findable(self) -> bool:
        return self.key.startswith(FOUND)


def fields() -> tuple[OwnField, ...]:
    """Those of the viewer's company that are in use, in order; asked once a request or job."""
    company_id = current_viewer().company_id
    known: dict[Any, tuple[OwnField, ...]] = session.info.setdefault("own_fields", {})
    if company_id not in known:
        rows = session.scalars(_in_order().where(Definition.company_id == company_id)).all()
        known[company_id] = tuple(_field(row) for row in rows)
    return known[company_id]


def _in_order() -> Any:
    return select(Definition).where(Definition.removed_at.is_(None)).order_by(Definition.position, Definition.name)


def _field(row: Definition) -> OwnField:
    return OwnField(
        row.id, row.key, row.name, row.type, row.help or "", row.unit or "", row.required, row.on_new, row.category,
        row.purpose, row.personal, row.sensitive, row.options,
    )  # fmt: skip


def field_of(key: str) -> OwnField | None:
    return next((field for field in fields() if field.key == key), None)


def forget() -> None:
    """What was asked is old."""
    session.info.pop("own_fields", None)


def rows() -> Sequence[Definition]:
    return session.scalars(_in_order()).all()


def add(values: Mapping[str, Any], options: Sequence[str]) -> Definition:
    """Raises Invalid when there are too many."""
    there = rows()
    if len(there) >= MOST:
        raise Invalid(_("There are %(most)s fields already. Remove some first.", most=MOST))
    refuse_number(values["name"])
    letter = SEALED if values["sensitive"] else TEXT if values["type"] == Type.LONG_TEXT else FOUND
    last = session.scalar(select(func.max(Definition.position))) or 0
    row = Definition(
        company_id=signed_in_viewer().company_id, key=letter + uuid4().hex[:11], position=min(last + 1, 999),
        choices=new_choices([], {}, options), **values,
    )  # fmt: skip
    session.add(row)
    session.flush()
    forget()
    return row


def refuse_number(name: str) -> None:
    if is_word(name):
        raise Invalid(_("A mediator may not keep citizen service numbers, so there can be no field for them."))


def change(row: Definition, values: Mapping[str, Any], labels: Mapping[str, str], options: Sequence[str]) -> None:
    """All but what its values depend on: its type, and whether they are sealed."""
    refuse_number(values["name"])
    for name, value in values.items():
        if name not in ("type", "sensitive"):
            setattr(row, name, value)
    if row.type == Type.CHOICE:
        row.choices = new_choices(row.choices, labels, options)
    session.flush()
    forget()


def new_choices(
    there: Sequence[Mapping[str, Any]], labels: Mapping[str, str], more: Sequence[str]
) -> list[dict[str, Any]]:
    """`labels` are the choices by key as they are called from now on; one without a label is not offered any more."""
    kept = [
        {"key": each["key"], "label": labels.get(each["key"]) or each["label"], "gone": not labels.get(each["key"])}
        for each in there
    ]
    taken = {each["label"].casefold(): each for each in kept}
    for label in more:
        again = taken.get(label.casefold())
        if again is None:
            taken[label.casefold()] = again = {"key": uuid4().hex[:8], "label": label, "gone": False}
            kept.append(again)
        again["gone"] = False
    return kept


def move(row: Definition, step: int) -> None:
    """One place up (-1) or down (1); places are numbered anew."""
    order = list(rows())
    at = order.index(row)
    order.insert(max(0, at + step), order.pop(at))
    for number, each in enumerate(order, 1):
        each.position = number
    forget()


def remove(row: Definition) -> None:
    """Out of every page. The values stay with the leads, so that it can be taken back."""
    row.removed_at = now()
    forget()


def bring_back(row: Definition) -> None:
    if len(rows()) >= MOST:
        raise Invalid(_("There are %(most)s fields already. Remove some first.", most=MOST))
    row.removed_at = None
    forget()
