"""Files made while they leave: a link that expires, for one person only, and CSV that no spreadsheet calculates."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from flask import Response, abort, current_app, stream_with_context
from itsdangerous import BadSignature, URLSafeTimedSerializer

from leadcrm.core.db import session
from leadcrm.core.fields.language import current_language, speaking
from leadcrm.core.paging import Sort, paginate
from leadcrm.core.scope import Viewer, signed_in_viewer, viewing_as

LIFETIME_SECONDS = 300
AT_A_TIME = 1_000
MOST_ROWS = 200_000
_FORMULA = re.compile(r"'*[\s\ufeff\u200b-\u200f\u2060]*[=+\-@\t\r\n\x00]")
Cells = Callable[[Any], Iterable[object]]


def _signer(kind: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=f"download {kind}")


def issue(kind: str, **what: Any) -> str:
    """For an address: what is downloaded, by whom. Good for five minutes."""
    return str(_signer(kind).dumps({"for": str(signed_in_viewer().user_id), "what": what}))


def redeem(kind: str, token: str) -> dict[str, Any]:
    """What issue() was given; 404 when it expired, was changed or is another's."""
    try:
        said = _signer(kind).loads(token, max_age=LIFETIME_SECONDS)
    except BadSignature:
        abort(404)
    if said["for"] != str(signed_in_viewer().user_id):
        abort(404)
    what: dict[str, Any] = said["what"]
    return what


def is_formula(text: str) -> bool:
    """What a spreadsheet would calculate, or take for something else than the text it is."""
    return not text[:1].isalnum() and _FORMULA.match(text) is not None  # most text begins with a letter


def shielded(cell: object) -> str:
    """With an apostrophe before what a spreadsheet would calculate."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if is_formula(text) else text


def as_csv(filename: str, titles: Sequence[str], statement: Any, sort: Sort, cells: Cells) -> Response:
    """Every row the viewer sees of a statement, a thousand at a time, in the order of `sort`."""
    viewer, language = signed_in_viewer(), current_language()

    def lines() -> Iterator[bytes]:
        yield b"\xef\xbb\xbf" + _line(titles)  # the mark by which Excel knows UTF-8
        for rows in _pages(viewer, statement, sort):
            with speaking(language), viewing_as(viewer):
                said = b"".join(_line(cells(row)) for row in rows)
            yield said

    response = Response(stream_with_context(lines()), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response


def small_csv(filename: str, titles: Sequence[str], rows: Iterable[Iterable[object]]) -> Response:
    """A table that fits on a page, at once."""
    response = Response(b"\xef\xbb\xbf" + b"".join(map(_line, [titles, *rows])), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response


def _pages(viewer: Viewer, statement: Any, sort: Sort) -> Iterator[Sequence[Any]]:
    """After the request's own transaction; each page is asked for as the viewer, who may have lost rights since."""
    cursor, sent = None, 0
    while sent < MOST_ROWS:
        with viewing_as(viewer):
            page = paginate(session, statement, sort, cursor, AT_A_TIME)
        yield page.rows
        sent += len(page.rows)
        cursor = page.older
        if cursor is None:
            return


def _line(cells: Iterable[object]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerow([shielded(cell) for cell in cells])
    return out.getvalue().encode()
