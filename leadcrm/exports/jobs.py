"""Making exports in the background, and letting their files go after a day."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.auth.services.preferences import Taste
from leadcrm.core import blobs
from leadcrm.core.blobs import Blob
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.jobs import Rank, defer, job, will_be_tried_again
from leadcrm.core.jobs_steps import removed_some
from leadcrm.core.paging import Sort
from leadcrm.core.scope import signed_in_viewer
from leadcrm.exports.models import Export, State
from leadcrm.exports.services import making
from leadcrm.leads.queries.lists import Column, Filters
from leadcrm.leads.views import listed
from leadcrm.notifications.services.telling import tell

NEWS = "exports.ready"
KEPT_DAYS = 90  # that it was made; its file is gone long before
AT_ONCE = 100

log = logging.getLogger("leadcrm")


def meant(export: Export) -> tuple[Filters, Sort, Sequence[Column]]:
    """The list as it was when the export was asked for; only its columns were written down by name."""
    state = listed.state_of(export.listed, signed_in_viewer(), Taste(columns={"leads": export.columns}))
    return (Filters() if export.lead_ids is not None else state.filters), state.sort, state.columns


def orphaned(export_id: str) -> None:
    """Who signs in again some day finds that it was not made, and may ask for it once more."""
    _fail(UUID(export_id), _("When its turn came, whoever asked for this could not sign in."))


@job(queue="exports", retries=3, orphaned=orphaned)
def make(export_id: str) -> None:
    """What goes wrong is told on the page of the export; a lost database only when the queue gives up."""
    ident = UUID(export_id)
    try:
        making.make(ident, meant)
    except making.Stopped:
        session.rollback()
        return
    except Invalid as problem:
        _fail(ident, str(problem))
    except Exception as problem:
        if will_be_tried_again(problem):
            raise
        log.exception("export %s", export_id)
        _fail(ident, _("Something went wrong; it has been recorded. Try again, or ask your administrator."))
    _tell(ident)


def _fail(export_id: UUID, problem: str) -> None:
    session.rollback()
    export = session.get(Export, export_id)
    if export is not None:
        making.fail(export, problem)


def _tell(export_id: UUID) -> None:
    export = session.get(Export, export_id)
    if export is not None and export.state in (State.DONE, State.FAILED):
        tell(NEWS, export.user_id, making.news_of(export), f"/exports/{export.id}", about=str(export.id), own=True)


def defer_make(export: Export) -> None:
    defer(make, export.id)


@job(cron="*/10 * * * *", rank=Rank.UPKEEP, reason="the files of exports go after a day, whoever made them")
def let_go() -> bool:
    """The bytes too: a file that nobody can download any more is not kept."""
    old = select(Export).where(Export.blob_id.is_not(None), Export.expires_at < now()).limit(AT_ONCE)
    exports = session.scalars(old.with_for_update(skip_locked=True)).all()
    for export in exports:
        remove_file(export)
        export.state = State.EXPIRED
    return bool(exports) or removed_some(Export, Export.created_at < now() - timedelta(days=KEPT_DAYS), AT_ONCE)


def remove_file(export: Export) -> None:
    blob = session.scalar(select(Blob).where(Blob.company_id == export.company_id, Blob.id == export.blob_id))
    export.blob_id = None
    session.flush()
    if blob is not None:
        blobs.doom(blob)
