"""What the frame around every page needs: plugin files, the way back, language and colours."""

from typing import Any

from blinker import signal
from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from leadcrm.core import drawing, installing  # noqa: F401  (installing: its route)
from leadcrm.core.i18n import LANGUAGES
from leadcrm.core.web import Access, core

THEMES = ("light", "dark", "auto")
THEME_COOKIE = "__Host-leadcrm-theme"
A_YEAR = 31_536_000

# Sent with viewer, language and theme (each may be None); whoever keeps people's preferences listens.
preferences_changed = signal("preferences changed")


def here() -> str:
    """This page, to come back to; the first page when this one was sent a form."""
    return request.full_path.rstrip("?") if request.method == "GET" else url_for("core.home")


def initials(name: str | None) -> str:
    """Of the first and the last word, as the mark of a person."""
    words = (name or "?").split()
    return "".join(word[0].upper() for word in (words[:1] + words[1:][-1:]))


def _ours(path: str) -> str:
    """The path, when it is a page of ours; the first page otherwise. Never another site, nor a second header."""
    if path[:1] != "/" or path[:2] == "//" or not path.isprintable():
        return url_for("core.home")
    try:
        current_app.url_map.bind("").match(path.partition("?")[0], method="GET")
    except (HTTPException, RequestRedirect):
        return url_for("core.home")
    return path


def plugin_files(ending: str) -> list[str]:
    """The style sheets ("css") or scripts ("js") that plugins want on every page."""
    plugins = current_app.extensions["plugins"].values()
    return [f"{plugin.name}/{file}" for plugin in plugins for file in getattr(plugin, ending)]


@core.post("/preferences", permission=Access.PUBLIC)
def preferences() -> ResponseReturnValue:
    """Language and colours: kept by this browser, and with the account of whoever is signed in."""
    language = _one_of(LANGUAGES, "language")
    theme = _one_of(THEMES, "theme")
    preferences_changed.send(g.get("viewer"), language=language, theme=theme)
    if "HX-Request" in request.headers:
        response = current_app.response_class(status=204)
    else:
        response = current_app.make_response(redirect(_ours(request.form.get("next", "/")), 303))
    if language:
        session["language"] = language
    if theme:
        response.set_cookie(THEME_COOKIE, theme, max_age=A_YEAR, secure=True, httponly=True, samesite="Lax")
    return response


def _one_of(allowed: Any, name: str) -> str | None:
    value = request.form.get(name)
    return value if value in allowed else None


def start(app: Flask) -> None:
    app.jinja_env.globals.update(here=here, plugin_files=plugin_files, initials=initials)
    drawing.start(app)
