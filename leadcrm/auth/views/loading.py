"""flask-login over our own sessions: the cookie holds a token, the database says whose it is. Nothing is remembered."""

from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_login import LoginManager, current_user
from sqlalchemy.exc import SQLAlchemyError

from leadcrm.auth.services import devices, sessions, stolen
from leadcrm.auth.services.viewers import Opening, SignedIn
from leadcrm.auth.views.routes import visitor
from leadcrm.core.db import session
from leadcrm.core.scope import begin_with

COOKIE = "__Host-leadcrm"
A_YEAR = 31_536_000


class OverOurSessions(LoginManager):  # type: ignore[misc]  # flask-login has no types
    """Without flask-login's own session keys, its remember-me cookie and its reading of forwarded addresses."""

    def _load_user(self) -> None:
        self._update_request_context_with_user()  # nobody, on the page that says that the database is away
        self._update_request_context_with_user(load_viewer())


def load_viewer() -> SignedIn | None:
    """Who holds this request's cookie; as the first statement of the request's transaction."""
    token = request.cookies.get(COOKIE, "")
    if not token or len(token) > sessions.LONGEST_TOKEN:
        return None
    opening = Opening(sessions.hash_of(token), sessions.times())
    begin_with(session, opening)
    if opening.spent:
        stolen.end_and_report(opening.id_hash, visitor())  # and whoever came is a stranger
    g.to_turn = opening.viewer if opening.viewer and opening.viewer.due else None
    return opening.viewer


def turn_at_the_end() -> None:
    """The session goes on under a new token from the next request on: after proving a second factor once more."""
    g.to_turn = own_session()


def turn(response: Response) -> Response:
    """A new token with this answer, when the one in the cookie is due. Nothing happens to the work of the request."""
    holder: SignedIn | None = g.get("to_turn")
    if holder is None or own_session() is not holder:  # nobody's, or refused by a gate meanwhile
        return response
    try:
        token = sessions.turned(holder.id_hash)
    except SQLAlchemyError:
        current_app.logger.exception("a session's token was not replaced; the next request tries again")
        return response
    return give_cookie(response, token) if token else response


def half_signed_in() -> SignedIn | None:
    """Who has given the password, and nothing more yet."""
    user: Any = current_user._get_current_object()
    return user if isinstance(user, SignedIn) and not user.is_authenticated else None


def own_session() -> SignedIn | None:
    """Whoever holds a session, half or full."""
    user: Any = current_user._get_current_object()
    return user if isinstance(user, SignedIn) else None


def give_cookie(response: Response, token: str) -> Response:
    """For this browser session only, on this host only, over TLS only, and not for scripts."""
    response.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="Lax", path="/")
    return response


def take_cookie(response: Response) -> Response:
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path="/")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def give_device_cookie(response: Response, tokens: str) -> Response:
    """Kept for a year. It opens nothing: who has it may try a password while strangers have used up the account's."""
    response.set_cookie(
        devices.COOKIE, tokens, max_age=A_YEAR, secure=True, httponly=True, samesite="Lax", path="/"
    )
    return response


def start(app: Flask) -> None:
    OverOurSessions(app)
    app.after_request(turn)
