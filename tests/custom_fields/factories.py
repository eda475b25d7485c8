"""Own fields for tests, made as whoever is looking (a manager)."""

from collections.abc import Sequence
from typing import Any

from leadcrm.custom_fields.models import RegisterCategory, RegisterPurpose, Type
from leadcrm.custom_fields.services import definitions
from leadcrm.custom_fields.services.definitions import OwnField

USUAL = {
    "help": None, "unit": None, "required": False, "on_new": False, "category": RegisterCategory.PROCESS,
    "purpose": RegisterPurpose.ADVICE, "personal": True, "sensitive": False,
}  # fmt: skip


def a_field(name: str, type_: Type = Type.TEXT, options: Sequence[str] = (), **values: Any) -> OwnField:
    row = definitions.add(USUAL | {"name": name, "type": type_} | values, options)
    found = definitions.field_of(row.key)
    assert found is not None
    return found
