"""Kinds of news of the tests' own, and queries behind the walls."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask_babel import lazy_gettext as _

from leadcrm.core.plugin import NewsKind
from tests.auth.conftest import query

__all__ = ["query"]

KINDS = (NewsKind("test.quiet", _("Saved.")), NewsKind("test.loud", _("Save"), mail=True),
         NewsKind("test.hidden", _("Unread"), permission="leads.assign"))  # fmt: skip


@pytest.fixture(autouse=True)
def kinds_of_tests(app: Flask, worker_app: Flask) -> Iterator[None]:
    installed = [each.extensions["plugins"] for each in (app, worker_app)]
    was = installed[0]["notifications"]
    for plugins in installed:
        plugins["notifications"] = replace(was, news=KINDS)
    yield
    for plugins in installed:
        plugins["notifications"] = was
