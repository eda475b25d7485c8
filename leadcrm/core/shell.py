"""What the frame around every page needs: plugin files, the way back, language and colours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from blinker import signal
from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from leadcrm.core import drawing, installing  # noqa: F401  (installing: its route)
from leadcrm.core.drawing import drawn
from leadcrm.core.i18n import LANGUAGES
from leadcrm.core.web import Access, NavShown, chosen_here, core, nav_items, reach, theme

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


def on_every_page(ending: str) -> list[str]:
    """The bundles ("css" or "js") of every page: ours, and each of an outside plugin that the configuration names."""
    built: Any = current_app.jinja_env.globals["has_asset"]
    of_plugins = [f"{name}/every_page.{ending}" for name in current_app.extensions["plugins"]]
    return [f"app.{ending}", *filter(built, of_plugins)]


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


def framed(title: Markup, at_hand: Sequence[NavShown], **parts: Markup) -> Markup:
    """A page in its frame, for who looks now."""
    bell: Any = current_app.jinja_env.globals.get("bell")  # the plugin of notifications brings it
    shown = Shown(current_user._get_current_object(), nav_items(), at_hand, theme(), bell and bell())
    return in_frame(title, parts, shown, reach().url_if)


@dataclass(frozen=True)
class Shown:
    """What the frame shows of somebody; `unread` is None where nothing tells of news."""

    person: Any
    nav: tuple[NavShown, ...]
    at_hand: Sequence[NavShown]
    theme: str
    unread: str | None = None


def in_frame(title: Markup, parts: dict[str, Markup], shown: Shown, url_if: Callable[[str], str]) -> Markup:
    """`parts` fill the holes of the frame, and so does what differs from person to person."""
    name = getattr(shown.person, "name", "")
    holes = {
        **parts, "title": title + " · leadcrm" if title else "leadcrm", "q": request.args.get("q", ""),
        "mark": initials(name), "person": name, "company": getattr(shown.person, "company_name", ""),
    }  # fmt: skip
    return drawn(
        "core/_frame.html", holes, theme=shown.theme, narrow=chosen_here("nav") == "narrow",
        comfortable=chosen_here("rows") == "comfortable", nav=shown.nav,
        views_below=shown.at_hand[0].endpoint if shown.at_hand else None, search_url=url_if("searching.results"),
        suggestions_url=url_if("searching.suggestions"), recent_url=url_if("searching.recent"),
        new_url=url_if("leads.new_lead"), account_url=url_if("auth.account"), unread=shown.unread,
        alerts_url=url_if("notifications.list_news") if shown.unread is not None else None,
    )  # fmt: skip


def start(app: Flask) -> None:
    app.jinja_env.globals.update(here=here, on_every_page=on_every_page, initials=initials, framed=framed)
    drawing.start(app)
