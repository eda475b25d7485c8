"""Rows of the list, kept as they were written the last time: who looks again sees mostly what they saw before.

A row is written from the values that were read for it and from nothing else, so the same values give the same row,
whoever looks. What is kept never spares a read: which rows somebody gets, the database says each time.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from leadcrm.core.kept import Kept
from leadcrm.core.patterns import Pattern, joined
from leadcrm.leads.queries.lists import Column
from leadcrm.leads.views.cells import SEALED, row_cells

MOST_LISTS, MOST_ROWS = 64, 1_000  # of sorts of lists, and of rows in each


class KeptRows:
    """The rows of one sort of list, on one day. Sealed values are opened each time: they go when their key goes."""

    def __init__(self, columns: tuple[Column, ...], usual: bool):
        self._columns, self._usual = columns, usual
        self._keeps = all(column.cell is None and column.name not in SEALED for column in columns)
        self._has_action = any(column.name == "next_action" for column in columns)
        self._kept = Kept(MOST_ROWS)

    def written(self, row: Pattern, leads: Sequence[Any], moment: datetime) -> Markup:
        """Every row after the other. `row` has holes for id, name, reference and cells."""
        if not self._keeps:
            return self._anew(row, leads, moment)
        kept, texts = self._kept, []
        late = [self._is_late(lead, moment) for lead in leads] if self._has_action else [False] * len(leads)
        for lead, is_late in zip(leads, late, strict=True):
            key = (*lead, is_late)
            text = kept.get(key)
            if text is None:
                text = kept.keep(key, self._anew(row, [lead], moment))
            texts.append(text)
        return joined(texts)

    def _anew(self, row: Pattern, leads: Sequence[Any], moment: datetime) -> Markup:
        cells = row_cells(self._columns, self._usual, moment)
        return row.filled((lead.id, lead.name or lead.reference, lead.reference, cells(lead)) for lead in leads)

    @staticmethod
    def _is_late(lead: Any, moment: datetime) -> bool:
        """What the clock alone changes in a row, within a day."""
        due = lead.next_action_1
        return due is not None and due < moment


@lru_cache(maxsize=MOST_LISTS)
def kept_rows(
    columns: tuple[Column, ...], usual: bool, _may_choose: bool, _path: str, _language: str, _today: date
) -> KeptRows:
    """For everything that a row depends on besides its values: what is named with an underscore is in the pattern."""
    return KeptRows(columns, usual)
