"""Own fields in the list of leads: columns, and filters that walk the index of one value."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, and_
from sqlalchemy.orm import aliased

from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.reveal import opener_of
from leadcrm.custom_fields.models import LONGEST_FOUND, Found, Type
from leadcrm.custom_fields.services.definitions import OwnField, field_of, fields
from leadcrm.custom_fields.services.values import value_in
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.queries.extras import Extra, Field
from leadcrm.leads.queries.lists import Column, Narrowing

MARK = "own."  # before the key, in addresses
PLAIN = (("own_values", Lead.custom),)
SEALED = (("own_sealed", Lead.custom_sealed), ("own_company", Lead.company_id))
NUMBERS = (Type.NUMBER, Type.MONEY)


def column_of(field: OwnField) -> Column:
    return Column(
        MARK + field.key, number=field.type in NUMBERS, label=field.name, shared=SEALED if field.sensitive else PLAIN,
        cell=partial(_cell, field), worded=partial(_cell, field),
        opened=partial(_opened, field) if field.sensitive else None,
    )  # fmt: skip


def _cell(field: OwnField, column: Column) -> Callable[[Any], str]:
    return _sealed(field, field.kind.mask) if field.sensitive else _shown(field)


def _opened(field: OwnField, column: Column) -> Callable[[Any], str]:
    """For who asked to see them; an export writes that down."""
    return _sealed(field, field.kind.show)


def _shown(field: OwnField) -> Callable[[Any], str]:
    """Columns repeat themselves: a value is put into words once."""
    known: dict[str, str] = {}
    key = field.key

    def shown(row: Any) -> str:
        text = (row.own_values or {}).get(key)
        if text is None:
            return ""
        if text not in known:
            known[text] = field.kind.show(value_in({key: text}, field))
        return known[text]

    return shown


def _sealed(field: OwnField, said: Callable[[Any], str]) -> Callable[[Any], str]:
    opened = opener_of(Lead, "custom_sealed")

    def shown(row: Any) -> str:
        texts = opened(row.own_company, row.id, row.own_sealed)
        value = value_in(texts, field) if texts else None
        return "" if value is None else said(value)

    return shown


class InList(Extra):
    def knows(self, name: str) -> bool:
        return name.startswith(MARK)

    def columns(self) -> Sequence[Column]:
        return [column_of(field) for field in fields() if field.type != Type.LONG_TEXT]

    def fields(self) -> Sequence[Field]:
        return [_menu_field(field) for field in fields() if field.is_findable]

    def narrowing(self, name: str, typed: str) -> Narrowing | None:
        field = field_of(name.removeprefix(MARK))
        if field is None or not field.is_findable:
            return None
        value = field.kind.parse(typed)
        text = "" if value is None else field.kind.dump(value)
        if not text or len(text) > LONGEST_FOUND:
            raise Invalid(_("This cannot be looked for."))
        found = aliased(Found)
        narrow = partial(_with_value, found, field.key, text)
        orders = {"created": (found.lead_created_at, found.lead_id)}
        return Narrowing(name, field.name, field.kind.show(value), narrow, orders)

    def label_of(self, name: str) -> str:
        field = field_of(name.removeprefix(MARK))
        return field.name if field else _("a field of your office")


def _with_value(found: Any, key: str, text: str, statement: Select[Any]) -> Select[Any]:
    """Beside the lead rather than joined to it: of two filters each is an alias, and the scope of an alias in a join's
    condition would be written about the table."""
    its_value = and_(found.company_id == Lead.company_id, found.lead_id == Lead.id)
    return statement.where(its_value, found.key == key, found.value == text)


def _menu_field(field: OwnField) -> Field:
    choices = field.kind.options if field.type in (Type.CHOICE, Type.YES_NO) else None
    options = tuple((value, label) for value, label in choices if value) if choices is not None else None
    return Field(MARK + field.key, field.name, options, field.kind.inputmode, field.kind.unit, field.type == Type.DATE)
