"""Sealed values as they lie in the database: boxes that open in their own place, and in no other."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

from flask_babel import lazy_gettext as _
from sqlalchemy import Connection, column, select, table

from leadcrm.core.crypto import CannotOpen, Place, keyring
from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.keys.columns import SealedColumn, SealedTable, sealed_tables

SAMPLE = 5  # rows of each column


def sealed(subject: Subject) -> Outcome:
    tables = sealed_tables()
    with subject.as_owner() as connection:
        boxes = [(place, box) for each in tables for place, box in _boxes(connection, each)]
    broken = [f"{place.table}.{place.column}" for place, box in boxes if not _opens(place, box)]
    loose = [f"{place.table}.{place.column}" for place, box in boxes if _opens(replace(place, row_id=uuid4()), box)]
    if broken or loose:
        remedy = _("restore the keys that belong to this database; look into `leadcrm keys`")
        return fail(_("some values do not open, or not only in their place"), remedy, ", ".join({*broken, *loose}))
    columns = sum(len(each.columns) for each in tables)
    return ok(_("%(columns)d kinds of values; %(count)d tried: each opens in its own place only",
                columns=columns, count=len(boxes)))  # fmt: skip


def _boxes(connection: Connection, of: SealedTable) -> Iterator[tuple[Place, bytes]]:
    for each in of.columns:
        for row in connection.execute(_some(of.name, each)):
            yield each.place(row[0], row[1]), bytes(row[2])


def _some(name: str, each: SealedColumn) -> Any:
    box: Any = column(each.column)
    return select(column("company_id"), column(each.bound.row), box).select_from(table(name)).where(
        box.is_not(None)).limit(SAMPLE)  # fmt: skip


def _opens(place: Place, box: bytes) -> bool:
    try:
        keyring().open(box, place)
    except CannotOpen:
        return False
    return True


CHECKS = (Check("keys.sealed", _("Sealed values"), Group.KEYS, sealed, ("A9",)),)
