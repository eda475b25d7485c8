"""Where to go after signing in: a page of ours, built anew from the address map. An address is never taken over."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import current_app, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

LONGEST = 2000


def safe_next(wanted: str) -> str:
    """The path and query of a page that exists; the first page for everything else."""
    path, _, query = wanted.partition("?")
    one_of_ours = len(wanted) <= LONGEST and path.startswith("/") and not path.startswith("//")
    found = _page(path) if one_of_ours else None
    if found is None:
        return url_for("core.home")
    endpoint, arguments = found
    kept = urlencode(parse_qsl(query, keep_blank_values=True))
    return url_for(endpoint, **arguments) + (f"?{kept}" if kept else "")


def _page(path: str) -> tuple[str, dict[str, Any]] | None:
    try:
        endpoint, arguments = current_app.url_map.bind("").match(path, method="GET")
    except (HTTPException, RequestRedirect, ValueError):
        return None
    if endpoint == "core.home" or endpoint.startswith("auth.sign") or endpoint == "auth.second_factor":
        return None
    return endpoint, dict(arguments)
