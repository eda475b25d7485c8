"""A form whose files stream through: they are read while they come in, and lie nowhere in clear.

`request.form` of a view with `streams=True` holds the fields that stand before the first file, so that its token and
whatever else is asked of every form are looked at before the first byte of a file. The view then takes sent_files().
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from flask import Request, abort, request
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

MULTIPART = "multipart/form-data"
PIECE = 256 * 1024
MOST_PARTS = 600
LONGEST_FIELD = 16 * 1024


@dataclass
class SentFile:
    """A file of the form. Its pieces must be taken before the next file is."""

    name: str
    pieces: Iterator[bytes]


class StreamedForm:
    """The fields before the first file, and the files, one after another."""

    def __init__(self, of: Request):
        self._events = _events(of)
        self.fields: list[tuple[str, str]] = []
        first = self._first_file()
        self.files = self._files(first)

    def _first_file(self) -> File | None:
        for event in self._events:
            if isinstance(event, File):
                return event
            if isinstance(event, Field):
                self.fields.append((event.name, _text(self._events)))
        return None

    def _files(self, first: File | None) -> Iterator[SentFile]:
        """A field after a file is nothing our forms have: it is refused."""
        event: Event | None = first
        while event is not None:
            if isinstance(event, Field):
                abort(400)
            if isinstance(event, File):
                pieces = _pieces(self._events)
                if event.filename:
                    yield SentFile(event.filename, pieces)
                for _left in pieces:
                    pass  # what nobody wanted of it
            event = next(self._events, None)


def sent_files() -> Iterator[SentFile]:
    """The files of this request; none when it is no form with files."""
    _fields = request.form  # read by now, or read here
    form = cast(StreamedForm | None, getattr(request, "streamed", None))
    return form.files if form else iter(())


def _events(of: Request) -> Iterator[Event]:
    """What the parser sees in the body, as it comes in; 400 for one that is no such form."""
    decoder = MultipartDecoder(_boundary(of), max_form_memory_size=2 * PIECE, max_parts=MOST_PARTS)
    try:
        while True:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                decoder.receive_data(of.stream.read(PIECE) or None)
                continue
            yield event
            if isinstance(event, Epilogue):
                return
    except (ValueError, AttributeError):  # what the parser raises for bodies that are no form
        abort(400)


def _boundary(of: Request) -> bytes:
    boundary = of.mimetype_params.get("boundary", "").encode("ascii", "replace")
    return boundary if 0 < len(boundary) <= 70 else abort(400)


def _text(events: Iterator[Event]) -> str:
    content = b""
    for piece in _pieces(events):
        content += piece
        if len(content) > LONGEST_FIELD:
            abort(413)
    return content.decode("utf-8", "replace")


def _pieces(events: Iterator[Event]) -> Iterator[bytes]:
    for event in events:
        if isinstance(event, Data):
            if event.data:
                yield bytes(event.data)
            if not event.more_data:
                return
