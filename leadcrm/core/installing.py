"""What makes the application one that a telephone can install: its name, colours, marks and first page.

There is no service worker: nothing of a client is kept on a telephone that may be lost, and without a network there is
nothing to work on.
"""

import json

from flask import Response, current_app, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.web import Access, core

MARK_COLOUR, PAPER = "#25549e", "#f5f6f8"
MARKS = (("core/icon-192.png", "192x192", "any"), ("core/icon-512.png", "512x512", "any"),
         ("core/icon-maskable.png", "512x512", "maskable"), ("core/mark.svg", "any", "any"))  # fmt: skip


@core.get("/manifest.webmanifest", permission=Access.PUBLIC)
def manifest() -> ResponseReturnValue:
    """Asked for without a session, so it says the same to everybody."""
    address = current_app.extensions["assets"].url
    kinds = {"png": "image/png", "svg": "image/svg+xml"}
    icons = [
        {"src": address(name), "sizes": sizes, "type": kinds[name[-3:]], "purpose": purpose}
        for name, sizes, purpose in MARKS
    ]
    said = {
        "id": "/", "name": "leadcrm", "short_name": "leadcrm", "lang": "nl", "dir": "ltr",
        "description": _("Leads of financial advisers"), "start_url": url_for("core.home"), "scope": "/",
        "display": "standalone", "theme_color": MARK_COLOUR, "background_color": PAPER, "icons": icons,
    }  # fmt: skip
    return Response(json.dumps(said), content_type="application/manifest+json")
