"""Phrases of templates: in the language of who is looking, safe whatever is filled in."""

from collections import defaultdict
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask, session
from flask_babel import refresh
from markupsafe import Markup

from leadcrm.core.i18n import PACKAGE, phrase


def shown(app: Flask, template: str, **values: object) -> str:
    return app.jinja_env.from_string(template).render(**values)


def test_each_language_has_its_own_words(app: Flask) -> None:
    for language, words in (("nl", "Inloggen"), ("en", "Sign in"), ("nl", "Inloggen")):
        with app.test_request_context():
            session["language"] = language
            refresh()
            assert phrase("Sign in") == words


@pytest.mark.asvs("V1.2.1")
def test_what_is_filled_in_is_escaped(app: Flask) -> None:
    with app.test_request_context():
        assert phrase("from %(value)s", value="<b>") == "vanaf &lt;b&gt;"
        assert shown(app, '{{ _("from %(value)s", value=it) }}', it="<b>") == "vanaf &lt;b&gt;"
        assert shown(app, '{{ _("from %(value)s", value=it) }}', it=Markup("<b>")) == "vanaf <b>"


def test_a_percent_sign_is_written_twice_as_in_every_phrase(app: Flask) -> None:
    with app.test_request_context():
        assert shown(app, '{{ _("4%% of it") }}') == "4% of it"


def test_one_phrase_has_one_translation() -> None:
    """The catalogs of all plugins are one: which of two translations shows would depend on their order."""
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted(Path(PACKAGE).rglob("nl/LC_MESSAGES/messages.po")):
        for message in read_po(BytesIO(path.read_bytes()), locale="nl"):
            if isinstance(message.id, str) and message.id:
                said[message.id][str(message.string)].append(path.parts[-5])
    assert {phrase: dict(found) for phrase, found in said.items() if len(found) > 1} == {}
