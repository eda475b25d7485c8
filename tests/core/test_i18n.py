"""Phrases of templates: in the language of who is looking, safe whatever is filled in."""

import pytest
from flask import Flask, session
from flask_babel import refresh
from markupsafe import Markup

from leadcrm.core.i18n import phrase


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
