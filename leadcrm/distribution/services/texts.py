"""Words and addresses that several parts of distribution use."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel.speaklater import LazyString

from leadcrm.core.fields.dates import OFFICE, shown_date


def before_words(moment: datetime | None) -> Any:
    """A moment in the office's time, said when it is read: in the language of the reader."""
    return LazyString(lambda: _said(moment) if moment else "")


def _said(moment: datetime) -> str:
    local = moment.astimezone(OFFICE)
    return f"{shown_date(local)} {local:%H:%M}"


def lead_address(lead_id: UUID) -> str:
    """Jobs have no request, so no url_for()."""
    return f"/leads/{lead_id}"
