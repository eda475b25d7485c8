"""What the pages of an import share: its steps, its row, its first lines."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import abort, current_app, flash, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from leadcrm.core.db import get_or_404, session
from leadcrm.core.fields.money import Whole
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import wants_fragment
from leadcrm.imports.models import Chunk, Import, State
from leadcrm.imports.services import chunks
from leadcrm.imports.services.layout import Row
from leadcrm.imports.services.steering import STILL_OPEN

FILE, COLUMNS, CHECK, IMPORT = range(4)


def the_import(import_id: UUID) -> Import:
    return get_or_404(Import, import_id)


def my_import(import_id: UUID) -> Import:
    """Only who brought a file takes it further: it is checked within their own sight, and they read what is found.

    Checked as a manager, an agent's file would name leads of colleagues as its duplicates.
    """
    taken = the_import(import_id)
    if taken.user_id != signed_in_viewer().user_id:
        flash(_("Only who brought this file can take it further. You can stop it or throw it away."), "warning")
        abort(redirect(url_for("imports.start"), 303))
    return taken


def first_rows(taken: Import) -> Sequence[Row]:
    of_import = select(Chunk).where(Chunk.company_id == taken.company_id, Chunk.import_id == taken.id)
    chunk = session.scalar(of_import.order_by(Chunk.number).limit(1))
    return chunks.open_rows(chunk) if chunk is not None else []


def steps(taken: Import | None) -> list[tuple[str, str | None]]:
    """The four steps, with the way back to those that can still be changed."""
    still_open = taken is not None and taken.state in STILL_OPEN
    return [
        (_("File"), url_for("imports.start")),
        (_("Columns"), url_for("imports.edit_columns", import_id=taken.id) if taken and still_open else None),
        (_("Check"), url_for("imports.show_check", import_id=taken.id) if taken and still_open else None),
        (_("Import"), None),
    ]


def page_of(taken: Import) -> str:
    """Where an import stands is where one goes on."""
    pages = {State.MAPPING: "edit_columns", State.CHECKING: "show_check", State.CHECKED: "show_check"}
    return url_for(f"imports.{pages.get(taken.state, 'show_import')}", import_id=taken.id)


def go_to(url: str) -> ResponseReturnValue:
    """To another page as a whole, also when htmx asked for a part of this one."""
    return make_response("", 200, {"HX-Redirect": url}) if wants_fragment() else redirect(url, 303)


def lead_url(lead_id: UUID) -> str | None:
    known = "leads.show_lead" in current_app.view_functions
    return url_for("leads.show_lead", lead_id=lead_id) if known else None


def number(value: float) -> str:
    return Whole().show(int(value))


def duration(seconds: float) -> str:
    """Rounded so that it does not dance."""
    if seconds < 55:
        return str(ngettext("%(num)s second", "%(num)s seconds", round(seconds / 5) * 5 or 1))
    return str(ngettext("%(num)s minute", "%(num)s minutes", max(1, round(seconds / 60))))


def progress_texts(done: int, total: int, rate: float, left: float) -> dict[str, Any]:
    return {
        "done": done, "total": total,
        "done_text": _("%(done)s of %(total)s lines", done=number(done), total=number(total)),
        "rate_text": _("%(rate)s lines per second", rate=number(rate)) if rate >= 1 else "",
        "left_text": _("%(time)s left", time=duration(left)) if rate >= 1 and done < total else "",
    }  # fmt: skip
