"""flask-login over our own sessions: the cookie holds a token, the database says whose it is. Nothing is remembered."""

from typing import Any

from flask import Flask, Response, request
from flask_login import LoginManager, current_user

from leadcrm.auth.services import sessions
from leadcrm.auth.services.viewers import Opening, SignedIn
from leadcrm.core.db import session
from leadcrm.core.scope import begin_with

COOKIE = "__Host-leadcrm"


class OverOurSessions(LoginManager):  # type: ignore[misc]  # flask-login has no types
    """Without flask-login's own session keys, its remember-me cookie and its reading of forwarded addresses."""

    def _load_user(self) -> None:
        self._update_request_context_with_user(load_viewer())


def load_viewer() -> SignedIn | None:
    """Who holds this request's cookie; as the first statement of the request's transaction."""
    token = request.cookies.get(COOKIE, "")
    if not token or len(token) > sessions.LONGEST_TOKEN:
        return None
    opening = Opening(sessions.hash_of(token), sessions.idle_seconds())
    begin_with(session, opening)
    return opening.viewer


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


def start(app: Flask) -> None:
    OverOurSessions(app)
