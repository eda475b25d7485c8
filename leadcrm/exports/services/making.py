"""Making the file of an export: the rows as whoever asked sees them, in stretches, straight into the encrypted store.

Between two stretches the transaction ends: progress shows, a stop is seen, and a right that was taken away counts. A
worker that is killed leaves a file that no row knows, which the sweep of the store takes away; the queue then has the
export made anew.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import ARRAY, Uuid, any_, bindparam, select, update

from leadcrm.core import audit, blobs
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.jobs import checkpoint
from leadcrm.core.paging import Sort, paginate
from leadcrm.core.scope import signed_in_viewer
from leadcrm.exports.models import Export, Form, State
from leadcrm.exports.services import rules, sheets
from leadcrm.exports.services.parts import Part, hidden_in, parts_of, stretch_of
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.permissions import Leads
from leadcrm.leads.queries.lists import Column, Filters, leads_with

AT_A_TIME = 5_000
LASTS = timedelta(hours=24)
UNDER_WAY = (State.WAITING, State.RUNNING)
Meant = Callable[[Export], tuple[Filters, Sort, Sequence[Column]]]


class Stopped(Exception):
    """Somebody stopped the export or threw it away; or it is there, and its worker was killed before the queue knew."""


def make(export_id: UUID, meant: Meant) -> None:
    """`meant` reads the address of the list: which leads, in which order, with which columns. Raises Invalid,
    Stopped."""
    export = session.get(Export, export_id)
    if export is None or export.state not in UNDER_WAY:
        raise Stopped
    _refuse(export)
    filters, sort, columns = meant(export)
    parts = parts_of(columns, export.revealed)
    export.state, export.began_at, export.rows = State.RUNNING, now(), 0
    statement = leads_with(filters, tuple(columns))
    if export.lead_ids is not None:
        statement = statement.where(Lead.id == any_(bindparam(None, export.lead_ids, ARRAY(Uuid()))))
    form, created = export.form, export.created_at
    checkpoint()
    stretches = _stretches(export_id, statement.where(Lead.created_at <= created), sort, parts)
    blob = blobs.keep(_file(form, parts, stretches))
    _finish(export_id, blob, hidden_in(columns))


def _refuse(export: Export) -> None:
    viewer = signed_in_viewer()
    if not rules.may_export(viewer):
        raise Invalid(_("You may not export any more. Ask your manager."))
    if export.revealed and not viewer.can(Leads.REVEAL):
        raise Invalid(_("You may not open hidden values any more. Ask for the export without them."))


def _file(form: Form, parts: Sequence[Part], stretches: Iterator[sheets.Stretch]) -> Iterator[bytes]:
    titles, sorts = [part.title for part in parts], [part.sort for part in parts]
    if form == Form.CSV:
        return sheets.as_csv(titles, sorts, stretches)
    return sheets.as_xlsx(_("Leads"), titles, sorts, stretches)


def _stretches(export_id: UUID, statement: Any, sort: Sort, parts: Sequence[Part]) -> Iterator[sheets.Stretch]:
    """By key, as pages of the list: what is read is what the viewer may see at that moment."""
    cursor, done = None, 0
    while True:
        page = paginate(session, statement, sort, cursor, AT_A_TIME)
        yield stretch_of(page.rows, parts)
        done += len(page.rows)
        _tell_progress(export_id, done)
        cursor = page.older
        if cursor is None:
            return


def _tell_progress(export_id: UUID, done: int) -> None:
    """Raises Stopped, or Invalid for who may not do this any more."""
    mine = update(Export).where(Export.id == export_id, Export.state == State.RUNNING).values(rows=done)
    stopped = session.execute(mine).rowcount == 0  # type: ignore[attr-defined]  # of an update there is one
    checkpoint()
    if stopped:
        raise Stopped
    if not rules.may_export(signed_in_viewer()):
        raise Invalid(_("You may not export any more. Ask your manager."))


def _finish(export_id: UUID, blob: blobs.Blob, hidden: list[str]) -> None:
    """The file and that it is there are one transaction, with what the trail says of it."""
    export = session.scalar(select(Export).where(Export.id == export_id).with_for_update())
    if export is None or export.state != State.RUNNING:
        raise Stopped
    export.blob_id, export.size, export.state = blob.id, blob.size, State.DONE
    export.ended_at, export.expires_at = now(), now() + LASTS
    audit.note("exports.made", export, lines=export.rows, form=str(export.form), columns=list(export.columns))
    if export.revealed and hidden:
        audit.note("revealed", export, fields=sorted(hidden), leads=export.rows)


def fail(export: Export, problem: str) -> None:
    if export.state in UNDER_WAY:
        export.state, export.problem, export.ended_at = State.FAILED, problem[:500], now()


def news_of(export: Export) -> Any:
    if export.state == State.DONE:
        return lazy_gettext("Your export is ready: you can download it for 24 hours.")
    return lazy_gettext("Your export could not be made: see why.")
