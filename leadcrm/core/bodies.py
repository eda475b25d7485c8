"""Whoever sends a body drop by drop holds a thread. So few may do it at once that pages go on for everybody else.

A proxy that takes requests in whole makes this idle; without one it is all that stands between one slow client and the
threads of a web process.
"""

from collections import Counter
from collections.abc import Iterable
from threading import Lock
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from leadcrm.core.limits import prefix_of

AT_ONCE = 10  # bodies on their way in, a process
FROM_ONE = 5  # of them from one network
SAID = b"503\n"


class FewBodies:
    """Lets a request that carries a body in when there is room, and answers 503 at once when there is none."""

    def __init__(self, application: WSGIApplication):
        self.application = application
        self.lock = Lock()
        self.coming_in: Counter[str] = Counter()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not _carries_a_body(environ):
            return self.application(environ, start_response)
        visitor = prefix_of(environ.get("REMOTE_ADDR", ""))
        if not self._enter(visitor):
            length = ("Content-Length", str(len(SAID)))
            start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "5"), length])
            return [SAID]
        try:
            return self.application(environ, start_response)  # it has read the body when it has an answer
        finally:
            self._leave(visitor)

    def _enter(self, visitor: str) -> bool:
        with self.lock:
            if self.coming_in.total() >= AT_ONCE or self.coming_in[visitor] >= FROM_ONE:
                return False
            self.coming_in[visitor] += 1
            return True

    def _leave(self, visitor: str) -> None:
        with self.lock:
            self.coming_in[visitor] -= 1
            if not self.coming_in[visitor]:
                del self.coming_in[visitor]


def _carries_a_body(environ: WSGIEnvironment) -> bool:
    return environ.get("CONTENT_LENGTH", "") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ
