"""Files come in: from a form, streamed; or by tus, in pieces, so that a broken connection loses nothing.

tus 1.0.0 (https://tus.io/protocols/resumable-upload) with creation and termination. The pieces are spooled encrypted.
"""

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from leadcrm.core.blobs import StorageFull, spool
from leadcrm.core.db import session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.streamed import SentFile, sent_files
from leadcrm.documents.models.document import Document, Upload
from leadcrm.documents.models.kinds import from_elsewhere
from leadcrm.documents.permissions import Documents
from leadcrm.documents.services import arriving
from leadcrm.documents.services.arriving import Wanted
from leadcrm.documents.views.page import document_or_404, lead_or_404
from leadcrm.documents.views.routes import bp
from leadcrm.inspection.services import Refused
from leadcrm.leads.models.lead import Lead

TUS = "1.0.0"
PIECE_TYPE = "application/offset+octet-stream"
LONGEST_METADATA = 4096
TOLD = 5
View = Callable[..., ResponseReturnValue]


# ── from a form ──


@bp.post("/lead/<uuid:lead_id>", permission=Documents.ADD, streams=True)
def add_documents(lead_id: UUID) -> ResponseReturnValue:
    """One file or many, without a script. Those that are refused are told one by one, the others are kept."""
    lead_or_404(lead_id)
    refusals = [_take(lead_id, file) for file in sent_files()]
    kept = refusals.count("")
    if kept:
        flash(ngettext("%(num)s document was added.", "%(num)s documents were added.", kept), "success")
    _tell([refusal for refusal in refusals if refusal])
    return redirect(url_for("documents.list_documents", lead_id=lead_id), 303)


@bp.post("/<uuid:document_id>/versions", permission=Documents.ADD, streams=True)
def add_version(document_id: UUID) -> ResponseReturnValue:
    lead_id = document_or_404(document_id).lead_id
    for file in sent_files():
        if refusal := _take(lead_id, file, document_id):
            flash(refusal, "danger")
        else:
            flash(_("Version %(number)s was added.", number=document_or_404(document_id).version), "success")
        break
    return redirect(url_for("documents.show_document", document_id=document_id), 303)


def _take(lead_id: UUID, file: SentFile, document_id: UUID | None = None) -> str:
    """Why it was refused; empty when it was kept."""
    document = document_or_404(document_id) if document_id else None
    try:
        arriving.take(Wanted(lead_or_404(lead_id), file.name, document=document), file.pieces)
    except arriving.Gone:
        abort(404)
    except Refused as refusal:
        return f"{from_elsewhere(file.name)}: {refusal.message}"
    except spool.TooLarge:
        return f"{from_elsewhere(file.name)}: {_too_large()}"
    return ""


def _tell(refusals: list[str]) -> None:
    """The first few in full: they travel in a cookie."""
    for refusal in refusals[:TOLD]:
        flash(refusal, "danger")
    if more := len(refusals[TOLD:]):
        flash(ngettext("%(num)s more file was refused.", "%(num)s more files were refused.", more), "danger")


def _too_large() -> str:
    return str(_("This file is too large: at most %(mb)s MB.", mb=arriving.most_bytes() // 1024 // 1024))


# ── by tus ──


def answers_tus(view: View) -> View:
    """The version both sides speak; and every refusal in words that the page shows beside the file."""

    @wraps(view)
    def answering(**arguments: Any) -> ResponseReturnValue:
        if request.headers.get("Tus-Resumable", TUS) != TUS:
            return _said(412, "", {"Tus-Version": TUS})
        try:
            return view(**arguments)
        except Refused as refusal:
            return _said(422, refusal.message)
        except spool.TooLarge:
            return _said(413, _too_large())
        except spool.WrongOffset as wrong:
            return _said(409, "", {"Upload-Offset": str(wrong.offset)})
        except spool.Busy:
            return _said(423, _("This file is already on its way."))
        except spool.NoSpool:
            return _said(410, _("This upload has expired. Choose the file once more."))
        except StorageFull:
            return _said(507, _("There is no room for files on the server. Tell your administrator."))

    return answering


def _said(status: int, text: str = "", extra: dict[str, str] | None = None) -> Response:
    response = Response(text, status, mimetype="text/plain")
    response.headers.update({"Tus-Resumable": TUS} | (extra or {}))
    return response


@bp.post("/lead/<uuid:lead_id>/uploads", permission=Documents.ADD, streams=True)
@answers_tus
def begin_upload(lead_id: UUID) -> ResponseReturnValue:
    """Room for one file; answers with the address to send it to."""
    lead, about = lead_or_404(lead_id), _metadata()
    document = _document_named(about.get("document", ""), lead)
    length = _number("Upload-Length")
    upload = arriving.begin(Wanted(lead, about.get("filename", ""), document=document), length)
    return _said(201, extra={"Location": url_for("documents.go_on_with_upload", upload_id=upload.id)})


@bp.get("/uploads/<uuid:upload_id>", permission=Documents.ADD)
@answers_tus
def show_upload(upload_id: UUID) -> ResponseReturnValue:
    """How much has come (asked with HEAD).

    Who hears that all of it is there sends no more: so what a killed process left unfinished is finished here.
    """
    upload = _upload_or_404(upload_id)
    offset = upload.length if upload.made_id else spool.find(upload.id).offset
    if offset == upload.length and upload.made_id is None:
        arriving.finish(upload, _wanted(upload))
    return _said(200, extra={"Upload-Offset": str(offset), "Upload-Length": str(upload.length)})


@bp.patch("/uploads/<uuid:upload_id>", permission=Documents.ADD, streams=True)
@answers_tus
def go_on_with_upload(upload_id: UUID) -> ResponseReturnValue:
    """The next piece; with the last one the file becomes a document."""
    upload, offset = _upload_or_404(upload_id), _number("Upload-Offset")
    if request.mimetype != PIECE_TYPE:
        return _said(415)
    if upload.made_id is not None:
        return _said(204, extra={"Upload-Offset": str(upload.length)})
    _wanted(upload)  # its lead is still there
    coming = request.content_length or 0
    if offset + coming > upload.length:
        return _said(413)
    reached = arriving.append(upload, offset, request.stream, coming)  # type: ignore[arg-type]  # it reads
    upload = _upload_or_404(upload_id)  # anew: what was kept so far is committed
    if reached == upload.length:
        arriving.finish(upload, _wanted(upload))
    return _said(204, extra={"Upload-Offset": str(reached)})


@bp.delete("/uploads/<uuid:upload_id>", permission=Documents.ADD)
@answers_tus
def drop_upload(upload_id: UUID) -> ResponseReturnValue:
    """Cancelled: what has come of it is forgotten."""
    upload = _upload_or_404(upload_id)
    if upload.made_id is None:
        spool.drop(upload.id)
    session.delete(upload)
    return _said(204)


def _upload_or_404(upload_id: UUID) -> Upload:
    """One's own, for a lead that is still there."""
    mine = select(Upload).where(Upload.id == upload_id, Upload.user_id == signed_in_viewer().user_id)
    upload = session.scalars(mine).one_or_none() or abort(404)
    lead_or_404(upload.lead_id)
    return upload


def _wanted(upload: Upload) -> Wanted:
    lead = lead_or_404(upload.lead_id)
    document = document_or_404(upload.document_id) if upload.document_id else None
    return Wanted(lead, upload.name, upload.kind, document)


def _document_named(ident: str, lead: Lead) -> Document | None:
    if not ident:
        return None
    try:
        document = document_or_404(UUID(ident))
    except ValueError:
        abort(404)
    return document if document.lead_id == lead.id else abort(404)


def _number(header: str) -> int:
    value = request.headers.get(header, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else abort(422)


def _metadata() -> dict[str, str]:
    """`key base64,key base64`."""
    given = request.headers.get("Upload-Metadata", "")
    if len(given) > LONGEST_METADATA:
        abort(400)
    about = {}
    for pair in filter(None, given.split(",")):
        key, _space, value = pair.strip().partition(" ")
        try:
            about[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            abort(400)
    return about
