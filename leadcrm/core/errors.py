"""Error pages that say what happened and what to do, and nothing about how the house is built."""

import logging
import re
from typing import Any

from flask import Flask, make_response, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, generate_csrf
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from leadcrm.core.blobs.problems import StorageAway, StorageFull
from leadcrm.core.db import close_session
from leadcrm.core.scope import OutOfScope
from leadcrm.core.web import wants_fragment

CSRF_EXPIRED = 419  # no registered code says "this form is too old"; Laravel's is the one people have met
SHOWN = {400, 401, 403, 404, 405, 413, CSRF_EXPIRED, 422, 429, 500, 503, 507}
SECRET = re.compile(r"^csrf_token$|(?:^|_)code$|password")  # of what was sent; a postcode is none
PASSING = ("08", "53", "57")  # classes of SQLSTATE: no connection, no resources, ended from outside or by time
NO_DATABASE = (OperationalError, NoConnectionFree)
NO_ANSWER = "08000"  # what went wrong while connecting has no state
RETRY_SECONDS = 30

AS_A_MESSAGE = {"HX-Retarget": "#notices", "HX-Reswap": "beforeend", "HX-Push-Url": "false"}

log = logging.getLogger("leadcrm")


def page(code: int, **extra: Any) -> ResponseReturnValue:
    """A page of its own; for a part of a page a message, so that what was typed stays where it is."""
    close_session()
    shown = code if code in SHOWN else (400 if code < 500 else 500)
    if wants_fragment():
        return render_template("core/_error.html", code=shown, **extra), code, AS_A_MESSAGE
    return render_template("core/error.html", code=shown, **extra), code


def form_too_old(_error: CSRFError) -> ResponseReturnValue:
    """The session behind a form has gone; what was typed comes back with a fresh form, secrets excepted."""
    answer = make_response(page(CSRF_EXPIRED, typed=_typed(), typed_to=request.path))
    if wants_fragment():
        answer.headers["X-CSRF-Token"] = generate_csrf()
    return answer


def _typed() -> list[tuple[str, str]]:
    """What our own page sent, without what must not stand in a page."""
    return [(name, value) for name, value in request.form.items(multi=True) if not SECRET.search(name)]


def http_error(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, SecurityError):  # an unknown host: no address of ours can be built for it
        return make_response("400\n", 400, {"Content-Type": "text/plain; charset=utf-8"})
    if error.code is None or error.code < 400:
        return error  # a redirect raised as an exception
    beneath = getattr(error, "original_exception", None)
    if isinstance(beneath, NO_DATABASE):  # which another of these handlers wanted
        return not_now(beneath)
    if error.code == 401:
        return page(401, typed=_typed(), typed_to=request.path)
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    answer = make_response(page(error.code, retry_after=kept.get("Retry-After")))
    answer.headers.extend(kept)
    return answer


def unexpected(error: Exception) -> ResponseReturnValue:
    log.exception("unexpected error on %s %s", request.method, request.url_rule)
    return page(InternalServerError.code)


def not_now(error: OperationalError | NoConnectionFree) -> ResponseReturnValue:
    """The database is away or busy, or the time for a statement was up. Every other failure of it is unexpected."""
    reason = error.orig if isinstance(error, OperationalError) else error
    if not (getattr(reason, "sqlstate", None) or NO_ANSWER).startswith(PASSING):
        return unexpected(error)
    log.error("the database: %s %s: %s", request.method, request.url_rule, str(reason).partition("\n")[0])
    answer = make_response(page(503, typed=_typed(), typed_to=request.path))
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def storage_full(_error: StorageFull) -> ResponseReturnValue:
    """Nothing of what was sent is half there; the disk or the bucket of the files has no room for it."""
    log.error("no room for files: %s %s", request.method, request.url_rule)
    return page(507)


def storage_away(error: StorageAway) -> ResponseReturnValue:
    log.error("the store of files is away: %s %s: %s", request.method, request.url_rule, error)
    return page(503)


def refused_by_the_database(error: ProgrammingError) -> ResponseReturnValue:
    """A policy or a closed function said no before the ORM's wall could: for this viewer it does not exist."""
    if isinstance(error.orig, InsufficientPrivilege):
        log.warning("the database refused %s %s: %s", request.method, request.url_rule, error.orig.diag.message_primary)
        return out_of_reach(error)
    return unexpected(error)


def out_of_reach(_error: Exception) -> ResponseReturnValue:
    """For this viewer there is no such row; and what the view already said of its success is not said."""
    session.pop("_flashes", None)
    return page(404)


def start(app: Flask) -> None:
    # The ORM's wall, and the database's: for this viewer there is no such row.
    for refusal in (OutOfScope, StaleDataError, ObjectDeletedError):
        app.register_error_handler(refusal, out_of_reach)
    app.register_error_handler(CSRFError, form_too_old)
    app.register_error_handler(HTTPException, http_error)
    for kind in NO_DATABASE:
        app.register_error_handler(kind, not_now)
    app.register_error_handler(StorageFull, storage_full)
    app.register_error_handler(StorageAway, storage_away)
    app.register_error_handler(ProgrammingError, refused_by_the_database)
    if not app.testing:
        app.register_error_handler(Exception, unexpected)
