"""Parts of pages that are written once and kept: the frame around each, the tools around a list.

A part is drawn from the values it is given and from nothing else: outside the request that asks for it, as nobody. So
what is kept for the same values is the same for everybody, and no person's page can show through in another's. What
differs each time (a token, a name, rows) is a hole, filled afterwards.
"""

from collections.abc import Callable, Hashable, Mapping
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Flask, Request, current_app, g, request
from flask_babel import force_locale, get_locale
from markupsafe import Markup
from werkzeug.test import EnvironBuilder

from leadcrm.core.fields.language import set_language
from leadcrm.core.kept import Kept
from leadcrm.core.patterns import Pattern, Pieces, filled_in, hole, pieces_of

EXTENSION = "drawn"
MOST = 2_000  # parts kept
OF_THE_REQUEST = ("csrf_token", "csp_nonce", "here")  # functions of templates that leave a hole in every part


@dataclass
class Drawn:
    """What an application has drawn, and the functions that fill the holes of the request."""

    real: dict[str, Callable[[], Any]]
    kept: Kept = field(default_factory=partial(Kept, MOST))


def drawn(template: str, holes: Mapping[str, Any] | None = None, **values: Hashable) -> Markup:
    """The template, written from these values alone. `holes` are what is filled in anew each time, escaped."""
    given = holes or {}
    pieces = _pieces(template, tuple(given), values)
    real = current_app.extensions[EXTENSION].real
    return filled_in(pieces, lambda name: given[name] if name in given else real[name]())


def pattern(template: str, names: tuple[str, ...], **values: Hashable) -> Pattern:
    """A row that is drawn from these values alone, with holes of these names to fill for every row."""
    return Pattern(_pieces(template, names, values), names)


def _pieces(template: str, holes: tuple[str, ...], values: Mapping[str, Hashable]) -> Pieces:
    kept = current_app.extensions[EXTENSION].kept
    key = (template, str(get_locale()), _place(), holes, tuple(values.items()))
    pieces: Pieces | None = kept.get(key)
    if pieces is None:
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        pieces = kept.keep(key, Context().run(_draw, app, *key))
    return pieces


def _place() -> str:
    """Where the application stands, for addresses: request.url_root costs as much as all the rest here."""
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]
    return f"{asked.scheme}://{asked.host}{asked.script_root}/"


def _draw(
    app: Flask, template: str, language: str, place: str, holes: tuple[str, ...], values: tuple[tuple[str, Any], ...]
) -> Pieces:
    """Nobody's request, in a context of its own: neither the one that asks nor its session can be looked at."""
    environ = EnvironBuilder(base_url=place).get_environ()
    with app.request_context(environ), force_locale(language):
        g.drawing = True
        set_language(language)
        given = dict(values) | {name: hole(name) for name in holes}
        return pieces_of(app.jinja_env.get_template(template).render(given))


def _or_hole(name: str, real: Callable[[], Any]) -> Any:
    return hole(name) if g.get("drawing") else real()


def start(app: Flask) -> None:
    """Last, when the functions of templates are all there."""
    known: Any = app.jinja_env.globals
    real: dict[str, Callable[[], Any]] = {name: known[name] for name in OF_THE_REQUEST}
    app.extensions[EXTENSION] = Drawn(real)
    known.update({name: partial(_or_hole, name, given) for name, given in real.items()}, drawn=drawn)
