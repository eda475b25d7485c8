"""Files of a client on their way in: in pieces by the tus protocol, or whole by a form without scripts."""

from base64 import b64decode
from binascii import Error as NotBase64
from uuid import UUID

from flask import Response, abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from leadcrm.collecting.services import delivering
from leadcrm.collecting.services.delivering import NothingMore
from leadcrm.collecting.services.visiting import Inside, TooOften
from leadcrm.collecting.views.client import dead, who_is_inside
from leadcrm.collecting.views.routes import bp
from leadcrm.core.blobs import spool
from leadcrm.core.limits import visitor
from leadcrm.core.streamed import sent_files
from leadcrm.core.web import Access
from leadcrm.inspection.services import Refused

TUS = "1.0.0"
PIECE = "application/offset+octet-stream"


def _inside_or_404(token: str) -> Inside:
    return who_is_inside(token) or abort(404)


def _answer(status: int, said: object = "", **headers: object) -> Response:
    """Refusals say why in words that the page shows beside the file."""
    response = make_response(str(said), status)
    response.mimetype = "text/plain"
    response.headers["Tus-Resumable"] = TUS
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = str(value)
    return response


def _metadata() -> dict[str, str]:
    """`name base64,name base64`; what cannot be read is left out."""
    found = {}
    for pair in request.headers.get("Upload-Metadata", "")[:4_000].split(","):
        name, _space, value = pair.strip().partition(" ")
        try:
            found[name] = b64decode(value, validate=True).decode()
        except (NotBase64, ValueError):
            continue
    return found


def ask_id_of(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


@bp.post("/aanleveren/<token>/uploads", permission=Access.PUBLIC, streams=True)
def begin_upload(token: str) -> ResponseReturnValue:
    who, told = _inside_or_404(token), _metadata()
    length = request.headers.get("Upload-Length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 16):
        abort(400)
    try:
        ident = delivering.begin(who, visitor(), ask_id_of(told.get("ask", "")), told.get("filename", ""), int(length))
    except Refused as problem:
        return _answer(422, problem.message)
    except spool.TooLarge:
        return _answer(413)
    except NothingMore:
        return _answer(403)
    except TooOften as problem:
        return _answer(429, Retry_After=problem.minutes * 60)
    return _answer(201, Location=url_for(".continue_upload", token=token, spool_id=ident), Upload_Offset=0)


@bp.route("/aanleveren/<token>/uploads/<uuid:spool_id>", methods=["PATCH"], permission=Access.PUBLIC, streams=True)
def continue_upload(token: str, spool_id: UUID) -> ResponseReturnValue:
    who, offset = _inside_or_404(token), request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) < 16) or request.mimetype != PIECE:
        abort(400)
    try:
        reached = delivering.append(who, spool_id, int(offset), request.stream)  # type: ignore[arg-type]
    except spool.NoSpool:
        abort(404)
    except spool.WrongOffset as problem:
        return _answer(409, Upload_Offset=problem.offset)
    except spool.Busy:
        return _answer(423)
    except Refused as problem:
        return _answer(422, problem.message)
    return _answer(204, Upload_Offset=reached)


@bp.route("/aanleveren/<token>/uploads/<uuid:spool_id>", methods=["GET"], permission=Access.PUBLIC)
def upload_offset(token: str, spool_id: UUID) -> ResponseReturnValue:
    """For HEAD: how far it is. Nothing of the file."""
    try:
        offset, length = delivering.standing(_inside_or_404(token), spool_id)
    except spool.NoSpool:
        abort(404)
    except spool.Busy:
        return _answer(423)
    except Refused as problem:
        return _answer(422, problem.message)
    return _answer(200, Upload_Offset=offset, Upload_Length=length, Cache_Control="no-store")


@bp.route("/aanleveren/<token>/uploads/<uuid:spool_id>", methods=["DELETE"], permission=Access.PUBLIC, streams=True)
def drop_upload(token: str, spool_id: UUID) -> ResponseReturnValue:
    try:
        delivering.drop(_inside_or_404(token), spool_id)
    except spool.NoSpool:
        abort(404)
    return _answer(204)


@bp.post("/aanleveren/<token>/files", permission=Access.PUBLIC, streams=True)
def send_files(token: str) -> ResponseReturnValue:
    """A form without scripts: files stream through, one after another."""
    who, ask = who_is_inside(token), ask_id_of(request.form.get("ask", ""))
    if who is None:
        return dead()
    sent, refused = 0, ""
    try:
        for file in sent_files():
            delivering.take(who, visitor(), ask, file.name, file.pieces)
            sent += 1
    except spool.TooLarge:
        refused = "large"
    except Refused as problem:
        refused = str(problem.reason)
    except (NothingMore, TooOften):
        refused = "many"
    return redirect(url_for(".deliver", token=token, sent=sent or None, refused=refused or None), 303)
