"""How somebody likes it: language, appearance, rows and columns of lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, ColumnElement, func

from leadcrm.auth.models.people import Language, Preference, Theme
from leadcrm.core.db import session
from leadcrm.core.fields.language import current_language
from leadcrm.core.scope import Viewer, signed_in_viewer

ROWS = (25, 50, 100)
USUAL_ROWS = 25


@dataclass(frozen=True)
class Taste:
    """What every list asks."""

    rows_per_page: int = USUAL_ROWS
    columns: Mapping[str, list[str]] = field(default_factory=dict)


AT_OPENING = "taste"


def taste_at_opening(opened: Any) -> ColumnElement[Any]:
    """See doors.also_ask()."""
    taste: ColumnElement[Any] = func.auth_taste(opened.company_id, opened.user_id, type_=JSON())
    return taste


def taste() -> Taste:
    """The viewer's own, without asking the database again."""
    viewer = signed_in_viewer()
    if AT_OPENING not in getattr(viewer, "asked", {}):
        kept = mine()
        return Taste(kept.rows_per_page, kept.columns)
    return Taste(**(viewer.asked[AT_OPENING] or {}))  # type: ignore[attr-defined]  # looked for two lines above


def mine() -> Preference:
    """The viewer's own; what holds for everybody when nothing was chosen yet."""
    viewer = signed_in_viewer()
    kept: Preference | None = session.get(Preference, viewer.user_id)
    return kept or Preference(
        company_id=viewer.company_id, id=viewer.user_id, language=Language(current_language()),
        theme=Theme.AUTO, rows_per_page=USUAL_ROWS, columns={},
    )


def mine_to_change() -> Preference:
    kept = mine()
    session.add(kept)
    return kept


def keep(language: str | None = None, theme: str | None = None) -> None:
    kept = mine_to_change()
    kept.language = Language(language) if language else kept.language
    kept.theme = Theme(theme) if theme else kept.theme


def keep_rows(rows: int) -> None:
    mine_to_change().rows_per_page = rows if rows in ROWS else USUAL_ROWS


def columns_of(list_name: str) -> list[str] | None:
    """The columns chosen for a list, in order; None when nothing was chosen."""
    return taste().columns.get(list_name)


def keep_columns(list_name: str, columns: list[str]) -> None:
    kept = mine_to_change()
    kept.columns = {**kept.columns, list_name: columns}


def follow_choice(viewer: Viewer | None, language: str | None = None, theme: str | None = None, **_other: Any) -> None:
    """The switches in every page's frame (core/shell.py) also count for the account."""
    borrowed = getattr(viewer, "glass", None) is not None  # the account is elsewhere; the browser keeps the choice
    if viewer is not None and not borrowed and (language or theme):
        keep(language, theme)
