"""POST /intake/<source>: a lead as JSON or as a form, with a key. Every answer is JSON and says what to do."""

import json
from typing import Any
from uuid import UUID

from flask import Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from leadcrm.core import errors
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.limits import visitor
from leadcrm.core.web import Access
from leadcrm.imports.services.duplicates import SAME
from leadcrm.intake.models.terms import State, Way
from leadcrm.intake.services import accepting
from leadcrm.intake.services import content as contents
from leadcrm.intake.services.accepting import Busy, Differs, Receipt, WrongKey
from leadcrm.intake.services.content import Content
from leadcrm.intake.views.routes import bp

KEY_FIELD = "key"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
LONGEST_REPEAT = 200
ENDPOINTS = ("intake.receive", "intake.show_receipt")
CHALLENGE = {"WWW-Authenticate": "Bearer"}
SAID = {  # what a supplier hears of an arrival: not what the office thinks of it
    State.WAITING: "received", State.LEAD: "accepted", State.QUARANTINED: "being_checked", State.DISCARDED: "refused",
}  # fmt: skip


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None, **more: str):
        self.status, self.headers = status, headers or {}
        self.body = {"error": code, "message": message} | more
        super().__init__(code)


@bp.post("/intake/<source>", permission=Access.PUBLIC, from_elsewhere=True)
def receive(source: str) -> ResponseReturnValue:
    """202 once it is stored; 200 with the same receipt when it was stored before."""
    try:
        key, way, content = _sent()
        receipt = accepting.accept(key, source, way, content, visitor(), _repeat())
    except Differs as problem:
        words = _("This Idempotency-Key stood with another lead before. Nothing was stored: use a new one.")
        raise Refused(409, "differs", words, receipt=str(problem.receipt)) from problem
    return _received(source, receipt)


def _received(source: str, receipt: Receipt) -> Response:
    address = url_for("intake.show_receipt", source=source, receipt_id=receipt.id)
    answer = jsonify(receipt=str(receipt.id), state="received", again=receipt.again, status=address)
    answer.status_code, answer.headers["Location"] = 200 if receipt.again else 202, address
    return answer


@bp.get("/intake/<source>/receipts/<uuid:receipt_id>", permission=Access.PUBLIC)
def show_receipt(source: str, receipt_id: UUID) -> ResponseReturnValue:
    found = accepting.state_of(_bearer() or _refuse_keyless(), source, receipt_id, visitor())
    if found is None:
        raise Refused(404, "unknown", _("This key brought no lead with this receipt."))
    said: dict[str, Any] = {"receipt": str(receipt_id), "state": SAID[State(found.state)],
                            "arrived_at": found.arrived_at.isoformat()}  # fmt: skip
    if found.alike:
        said["duplicate"] = str(SAME[found.alike])
    if found.set_aside:
        said["reason"] = found.set_aside
    return jsonify(said)


def _sent() -> tuple[str, Way, Content]:
    if (request.content_length or 0) > contents.LARGEST:
        raise Refused(413, "too_large", _("A lead may have %(kb)s kB at most.", kb=contents.LARGEST // 1024))
    if request.mimetype == "application/json":
        key = _bearer() or _refuse_keyless()
        return key, Way.API, Content(_checked(contents.from_json, _parsed()))
    if request.mimetype in FORMS:
        fields = {name: text for name, text in request.form.items() if name != KEY_FIELD}
        key = _bearer() or request.form.get(KEY_FIELD, "") or _refuse_keyless()
        names = [file.filename or "" for file in request.files.values() if file.filename]
        return key, Way.FORM, Content(_checked(contents.bounded, fields.items()), attachments=names[:20])
    raise Refused(415, "content_type", _("Send application/json, or a form."))


def _parsed() -> Any:
    body = request.get_data(cache=False)
    if len(body) > contents.LARGEST:
        raise Refused(413, "too_large", _("A lead may have %(kb)s kB at most.", kb=contents.LARGEST // 1024))
    try:
        return json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError) as problem:
        raise Refused(400, "json", _("This is no JSON that can be read.")) from problem


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The second of two values is how one check is shown another thing."""
    if len({name for name, _value in pairs}) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _checked(read: Any, sent: Any) -> dict[str, str]:
    try:
        fields: dict[str, str] = read(sent)
    except Invalid as problem:
        raise Refused(422, "fields", str(problem.message)) from problem
    if not fields:
        raise Refused(422, "empty", _("There is nothing in it: send at least a name, an e-mail address or a telephone "
                                      "number."))  # fmt: skip
    return fields


def _bearer() -> str:
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _refuse_keyless() -> str:
    raise Refused(401, "key", _("Send your key: Authorization: Bearer …, or the form field “key”."), CHALLENGE)


def _repeat() -> str:
    found = request.headers.get("Idempotency-Key", "")
    if len(found) > LONGEST_REPEAT:
        raise Refused(400, "idempotency_key", _("An Idempotency-Key has %(most)s characters at most.",
                                                most=LONGEST_REPEAT))  # fmt: skip
    return found


def said(problem: Refused) -> Response:
    answer = jsonify(problem.body)
    answer.status_code = problem.status
    answer.headers.extend(problem.headers)
    return answer


@bp.errorhandler(Refused)
def refused(problem: Refused) -> ResponseReturnValue:
    return said(problem)


@bp.errorhandler(WrongKey)
def wrong_key(_problem: WrongKey) -> ResponseReturnValue:
    return said(Refused(401, "key", _("This key does not open this source. It may have been revoked."), CHALLENGE))


@bp.errorhandler(Busy)
def busy(problem: Busy) -> ResponseReturnValue:
    if request.endpoint not in ENDPOINTS:
        return errors.page(429, retry_after=str(problem.seconds))
    words = _("Too many at once. Try again in %(seconds)s seconds.", seconds=problem.seconds)
    return said(Refused(429, "busy", words, {"Retry-After": str(problem.seconds)}))


@bp.errorhandler(HTTPException)
def http_error(problem: HTTPException) -> ResponseReturnValue:
    """What core refuses before the view runs is said in JSON too, to programs; people get their page."""
    if request.endpoint not in ENDPOINTS or problem.code is None:
        return errors.http_error(problem)
    if problem.code == 413:
        return said(Refused(413, "too_large", _("A lead may have %(kb)s kB at most.", kb=contents.LARGEST // 1024)))
    return said(Refused(problem.code, "request", _("This request cannot be read.")))
