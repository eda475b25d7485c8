"""Files leave here: decrypted on the way, as an attachment that runs nothing; pages of them as pictures we drew."""

import re
import unicodedata
from urllib.parse import quote
from uuid import UUID

from flask import Response, abort, g, request, stream_with_context
from flask.typing import ResponseReturnValue
from werkzeug.http import quote_etag

from leadcrm.core import headers
from leadcrm.documents.models.document import Version
from leadcrm.documents.permissions import Documents
from leadcrm.documents.services import drawing, reading
from leadcrm.documents.views.page import version_or_404
from leadcrm.documents.views.routes import bp

_UNPLAIN = re.compile(r"[^A-Za-z0-9 ._()+-]")


def sent(response: Response, name: str = "") -> Response:
    """What is no page of ours: it may load and run nothing, is never guessed at, and with a name is only saved."""
    g.content_policy = headers.CLOSED
    response.headers["Cache-Control"] = "no-store"
    if name:
        response.headers["Content-Disposition"] = attachment(name)
    return response


def attachment(name: str) -> str:
    """The name as it is for today's browsers, and in plain letters for others. A header is ASCII and nothing else."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return f"attachment; filename=\"{_UNPLAIN.sub('_', bare)}\"; filename*=UTF-8''{quote(name, safe='')}"


@bp.get("/<uuid:document_id>/file/<int(max=99999):number>", permission=Documents.VIEW)
def download(document_id: UUID, number: int) -> ResponseReturnValue:
    """The file, or the range of it that was asked for: a download that broke off goes on."""
    version = version_or_404(document_id, number)
    found = _range(version)
    if found is None:
        return _unsatisfiable(version)
    start, stop, status = found
    try:
        pieces = reading.open_version(version, start, stop)
    except reading.NotReadable:
        abort(404)
    response = Response(stream_with_context(pieces), status, mimetype=version.media_type)
    response.content_length = stop - start
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = quote_etag(str(version.id))
    if status == 206:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{version.size}"
    return sent(response, version.name)


def _range(version: Version) -> tuple[int, int, int] | None:
    """From, up to, and the status. None: what was asked for is not there. Several ranges get the whole file."""
    whole = (0, version.size, 200)
    wanted, unless = request.range, request.if_range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return whole
    if (unless.etag or unless.date) and unless.etag != str(version.id):
        return whole
    found = wanted.range_for_length(version.size)
    return None if found is None else (*found, 206)


def _unsatisfiable(version: Version) -> Response:
    response = Response(status=416)
    response.headers["Content-Range"] = f"bytes */{version.size}"
    return sent(response)


@bp.get("/<uuid:document_id>/page/<int(max=99999):number>/<int(max=99999):page>", permission=Documents.VIEW)
def show_page(document_id: UUID, number: int, page: int) -> ResponseReturnValue:
    """A page of version `number`, drawn by us: nothing of the file itself reaches the browser."""
    try:
        picture = reading.page(version_or_404(document_id, number), page)
    except reading.NotReadable:
        abort(404)
    return sent(Response(picture.content, mimetype=drawing.MEDIA_TYPE))


@bp.get("/<uuid:document_id>/thumbnail/<int(max=99999):number>", permission=Documents.VIEW)
def show_thumbnail(document_id: UUID, number: int) -> ResponseReturnValue:
    try:
        picture = reading.thumbnail(version_or_404(document_id, number))
    except reading.NotReadable:
        abort(404)
    return sent(Response(picture, mimetype=drawing.MEDIA_TYPE))
