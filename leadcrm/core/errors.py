"""Error pages that say what happened and what to do, and nothing about how the house is built."""

import logging

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from psycopg.errors import QueryCanceled
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from leadcrm.core.db import close_session
from leadcrm.core.scope import OutOfScope

CSRF_EXPIRED = 419  # no registered code says "this form is too old"; Laravel's is the one people have met
SHOWN = {400, 403, 404, 405, 413, CSRF_EXPIRED, 422, 429, 500, 503}

log = logging.getLogger("leadcrm")


def page(code: int) -> ResponseReturnValue:
    """The page of a code: with the shell for who is signed in, bare for a stranger."""
    close_session()
    shown = code if code in SHOWN else (400 if code < 500 else 500)
    return render_template("core/error.html", code=shown, bare=g.get("viewer") is None), code


def http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error  # a redirect raised as an exception
    answer = page(error.code)
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return (*answer, headers)  # type: ignore[misc]  # (body, status) and headers


def unexpected(error: Exception) -> ResponseReturnValue:
    log.exception("unexpected error on %s %s", request.method, request.url_rule)
    return page(InternalServerError.code)


def too_slow(error: OperationalError) -> ResponseReturnValue:
    """The statement timeout ended a query: a filter that no index serves. Everything else is unexpected."""
    if isinstance(error.orig, QueryCanceled):
        return page(503)
    return unexpected(error)


def start(app: Flask) -> None:
    app.register_error_handler(OutOfScope, lambda _error: page(404))
    app.register_error_handler(CSRFError, lambda _error: page(CSRF_EXPIRED))
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(OperationalError, too_slow)
    if not app.testing:
        app.register_error_handler(Exception, unexpected)
