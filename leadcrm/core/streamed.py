"""A form whose files stream through: they are read while they come in, and lie nowhere in clear.

Whoever takes a view with `streams=True` has the token of the form checked here, before the first byte of a file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import abort, request
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData
from wtforms import ValidationError

PIECE = 256 * 1024
MOST_PARTS = 600
LONGEST_FIELD = 16 * 1024
TOKEN_HEADER = "X-CSRFToken"  # noqa: S105  # the name of a header


@dataclass
class SentFile:
    """A file of the form. Its pieces must be taken before the next file is."""

    name: str
    pieces: Iterator[bytes]


@dataclass
class StreamedForm:
    """The fields that stand before the first file, and the files, one after another."""

    fields: dict[str, str] = field(default_factory=dict)
    files: Iterator[SentFile] = field(default_factory=lambda: iter(()))


def streamed_form() -> StreamedForm:
    """Reads the fields and checks the token; 400 for a body that is no such form, 419 for a wrong token."""
    events = _events()
    fields: dict[str, str] = {}
    first: File | None = None
    for event in events:
        if isinstance(event, File):
            first = event
            break
        if isinstance(event, Field):
            value = _text(events)
            if event.name in fields:
                abort(400)
            fields[event.name] = value
    refuse_forged(fields.get("csrf_token"))
    return StreamedForm(fields, _files(first, events))


def refuse_forged(token: str | None) -> None:
    """As the form protection does for every other form; a script sends the token as a header."""
    try:
        validate_csrf(token or request.headers.get(TOKEN_HEADER))
    except ValidationError as problem:
        raise CSRFError(problem.args[0]) from None


def _events() -> Iterator[Event]:
    """What the parser sees in the body, as it comes in."""
    decoder = MultipartDecoder(_boundary(), max_form_memory_size=2 * PIECE, max_parts=MOST_PARTS)
    try:
        while True:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                decoder.receive_data(request.stream.read(PIECE) or None)
                continue
            yield event
            if isinstance(event, Epilogue):
                return
    except (ValueError, AttributeError):  # what the parser raises for bodies that are no form
        abort(400)


def _boundary() -> bytes:
    boundary = request.mimetype_params.get("boundary", "").encode("ascii", "replace")
    if request.mimetype != "multipart/form-data" or not boundary or len(boundary) > 70:
        abort(400)
    return boundary


def _text(events: Iterator[Event]) -> str:
    content = b""
    for piece in _pieces(events):
        content += piece
        if len(content) > LONGEST_FIELD:
            abort(413)
    return content.decode("utf-8", "replace").replace("\x00", "")


def _pieces(events: Iterator[Event]) -> Iterator[bytes]:
    for event in events:
        if isinstance(event, Data):
            if event.data:
                yield bytes(event.data)
            if not event.more_data:
                return


def _files(first: File | None, events: Iterator[Event]) -> Iterator[SentFile]:
    """A field after a file is nothing our forms have: it is refused."""
    event: Event | None = first
    while event is not None:
        if isinstance(event, Field):
            abort(400)
        if isinstance(event, File):
            pieces = _pieces(events)
            if event.filename:
                yield SentFile(event.filename, pieces)
            for _left in pieces:
                pass  # what nobody wanted of it
        event = next(events, None)
