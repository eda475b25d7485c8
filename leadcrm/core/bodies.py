"""Whoever sends a body drop by drop holds a thread. So few may be on their way in at once that pages go on for all.

Only the sending counts: a body that is in gives its place back before the application works on it, so an office that
saves a hundred forms at once is never kept out. A proxy that takes requests in whole makes this idle; without one it
is all that stands between one slow client and the threads of a web process.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from threading import Condition
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from leadcrm.core.limits import prefix_of

AT_ONCE = 10  # bodies on their way in, a process
FROM_ONE = 5  # of them from one network
PATIENCE = 3.0  # seconds to wait for a place before the client is told to come back
SAID = b"503\n"


class FewBodies:
    """Lets a request that carries a body in when there is room; 503 when there is none for a while."""

    def __init__(self, application: WSGIApplication, patience: float = PATIENCE):
        self.application, self.patience = application, patience
        self.room = Condition()
        self.coming_in: Counter[str] = Counter()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not carries_a_body(environ):
            return self.application(environ, start_response)
        visitor = prefix_of(environ.get("REMOTE_ADDR", ""))
        if not self._enter(visitor):
            length = ("Content-Length", str(len(SAID)))
            start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "5"), length])
            return [SAID]
        body = Body(environ, lambda: self._leave(visitor))
        environ["wsgi.input"] = body
        try:
            return self.application(environ, start_response)
        finally:
            body.is_in()  # or nobody wanted it

    def _enter(self, visitor: str) -> bool:
        with self.room:
            free = self.room.wait_for(lambda: self._has_room(visitor), self.patience)
            self.coming_in[visitor] += free
            return free

    def _has_room(self, visitor: str) -> bool:
        return self.coming_in.total() < AT_ONCE and self.coming_in[visitor] < FROM_ONE

    def _leave(self, visitor: str) -> None:
        with self.room:
            self.coming_in[visitor] -= 1
            self.coming_in += Counter()  # forgets who has none
            self.room.notify_all()


class Body:
    """A request's input that says once when all of it has come in."""

    def __init__(self, environ: WSGIEnvironment, told: Callable[[], None]):
        self._input: Any = environ["wsgi.input"]
        length = environ.get("CONTENT_LENGTH", "")
        self._left = int(length) if length.isdigit() else None  # None: in chunks, ends with nothing
        self._told: Callable[[], None] | None = told

    def read(self, size: int = -1) -> bytes:
        return self._counted(self._input.read(size), whole=size < 0)

    def readline(self, size: int = -1) -> bytes:
        return self._counted(self._input.readline(size))

    def readlines(self, hint: int = -1) -> list[bytes]:
        return self.read().splitlines(keepends=True)

    def __iter__(self) -> Iterable[bytes]:
        return iter(self.readline, b"")

    def _counted(self, data: bytes, whole: bool = False) -> bytes:
        if self._left is not None:
            self._left -= len(data)
        if whole or not data or self._left is not None and self._left <= 0:
            self.is_in()
        return data

    def is_in(self) -> None:
        told, self._told = self._told, None
        if told is not None:
            told()


def carries_a_body(environ: WSGIEnvironment) -> bool:
    return environ.get("CONTENT_LENGTH", "") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ
