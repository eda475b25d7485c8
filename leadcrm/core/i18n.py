"""Languages: Dutch unless somebody chose English. Every plugin brings its own translations."""

import os
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, session
from flask_babel import Babel, get_locale, gettext
from markupsafe import Markup

from leadcrm.core.fields.language import current_language, set_language

LANGUAGES = {"nl": "Nederlands", "en": "English"}
LOCALES = {language: Locale.parse(language) for language in LANGUAGES}
PACKAGE = Path(__file__).parent.parent


def chosen_language() -> str:
    """The signed-in person's own, else what this browser chose, else Dutch."""
    viewer = g.get("viewer")
    language = getattr(viewer, "language", None) or session.get("language") or "nl"
    return language if language in LANGUAGES else "nl"


def _select() -> Locale:
    language = chosen_language() if has_request_context() else current_language()  # a job speaks as who deferred it
    set_language(language)
    return LOCALES[language]


def remember_language() -> None:
    """Once the viewer is known: what field kinds and facts read without asking Babel for every cell."""
    set_language(chosen_language())


def phrase(text: str, **values: Any) -> Markup:
    """`_()` of templates: what Jinja's own gives, at a sixth of its cost. A page has a hundred phrases or more."""
    locale = get_locale()
    return _known(locale, text) % values if values else _said(locale, text)


@lru_cache(maxsize=8192)
def _said(locale: Locale, text: str) -> Markup:
    """With nothing to fill in; `%%` is a percent sign all the same."""
    return _known(locale, text) % {}


@lru_cache(maxsize=8192)
def _known(_locale: Locale, text: str) -> Markup:
    """Our own words, so they are markup; what is filled in is escaped."""
    return Markup(gettext(text))  # noqa: S704  # from templates and catalogs, never from a request


def compile_catalogs(folders: list[str]) -> None:
    """Make the .mo beside each .po that is newer; Babel reads only those. Two processes at once do no harm."""
    for source in (file for folder in folders for file in Path(folder).glob("*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        fresh = BytesIO()
        write_mo(fresh, read_po(BytesIO(source.read_bytes()), locale=source.parts[-3]))
        partial = source.with_suffix(f".{os.getpid()}.mo.new")
        partial.write_bytes(fresh.getvalue())
        partial.replace(compiled)


def start(app: Flask) -> None:
    folders = sorted(str(folder) for folder in PACKAGE.rglob("translations"))
    compile_catalogs(folders)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(folders)
    app.config["BABEL_DEFAULT_LOCALE"] = "nl"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/Amsterdam"
    Babel(app, locale_selector=_select)
    app.before_request(lambda: set_language("nl"))
    app.jinja_env.globals.update(LANGUAGES=LANGUAGES, get_locale=get_locale, _=phrase)
