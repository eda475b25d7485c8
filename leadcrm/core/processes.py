"""Which processes an instance consists of: the database, web, the plain listener, and the workers of the jobs."""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from signal import SIGHUP, SIGKILL

from sqlalchemy.orm import configure_mappers

from leadcrm.core.config import PREFIX, ROOT, Config
from leadcrm.core.databases import embedded_server
from leadcrm.core.early import Early
from leadcrm.core.postgres import Embedded, PostgresProblem
from leadcrm.core.readiness import refuse_unready
from leadcrm.core.server import main, tls_files
from leadcrm.core.supervisor import Program, Ready, Supervisor, say
from leadcrm.core.tls import TlsProblem

PYTHON = (sys.executable, "-P", "-m")
WEB = "web"
CERTIFICATE_SECONDS = 3600.0
# What only workers and the command line may know.
NOT_FOR_WEB = (f"{PREFIX}WORKER_DATABASE_URL", f"{PREFIX}MIGRATOR_DATABASE_URL")


class PortTaken(RuntimeError):
    """Somebody else listens where we should."""


@contextmanager
def web_begun() -> Iterator[Early | None]:
    """The web process, waiting for `serve`: a command asks for it first, before it knows any secret.

    None where the environment holds what the web process may not know: a fork would keep it.
    """
    if any(name in os.environ for name in NOT_FOR_WEB):
        yield None
        return
    configure_mappers()  # once, for both
    with Early(_become_web) as web:
        yield web


def _become_web() -> None:
    sys.path.insert(0, str(ROOT))  # where wsgi.py is; one that is started has it from PYTHONPATH
    main(WEB)


def serve(config: Config, ready: Ready = None, *, workers: int | None = None, begun: Early | None = None) -> int:
    """The whole product in the foreground, until Ctrl-C or SIGTERM; then it stops everything it started.

    `ready` is called once, when the web server answers. The result is the exit code.
    """
    if not config.socket:
        refuse_taken_port(config.bind, config.port, "PORT=9443 make demo, or LEADCRM_PORT")
    tls_files(config)  # refuses a certificate that cannot be used, before anything starts
    programs = [
        replace(_web(config), begun=begun),
        *_redirects(config),
        *_workers(config, config.job_workers if workers is None else workers),
    ]
    return _run(config, programs, lambda: _answers(config), ready)


def work(config: Config, processes: int) -> int:
    """Only workers: on a second machine, or beside a web server of another make."""
    return _run(config, [*_workers(config, processes)])


def _answers(config: Config) -> bool:
    family = socket.AF_UNIX if config.socket else socket.AF_INET6 if ":" in config.bind else socket.AF_INET
    try:
        with socket.socket(family) as attempt:
            attempt.settimeout(1)
            attempt.connect(str(config.socket) if config.socket else (config.bind, config.port))
    except OSError:
        return False
    return True


def refuse_taken_port(address: str, port: int, remedy: str) -> None:
    """Asked beforehand: granian shares its port with whoever wants it, and would share a stranger's too."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((address, port))
        except PermissionError:
            raise PortTaken(
                f"port {port} is for root only: choose another ({remedy}) or put a proxy before it"
            ) from None
        except OSError as taken:
            raise PortTaken(
                f"{address}:{port} cannot be used ({taken.strerror}): choose another port ({remedy})"
            ) from None


def _run(config: Config, programs: list[Program], probe: Callable[[], bool] = lambda: True, ready: Ready = None) -> int:
    embedded = embedded_server(config)
    if embedded:
        embedded.ensure_running()
    refuse_unready(config)
    supervisor = Supervisor(programs, probe, ready)
    supervisor.chores = Chores(config, embedded, supervisor)
    try:
        return supervisor.run()
    finally:
        if embedded:
            embedded.release()  # the last one waits for a clean stop


class Chores:
    """What the supervisor looks after meanwhile: the database is up, the web server has the newest certificate."""

    def __init__(self, config: Config, embedded: Embedded | None, supervisor: Supervisor) -> None:
        self.config, self.embedded, self.supervisor = config, embedded, supervisor
        self.loaded = self._certificate()
        self.next_look = time.monotonic() + CERTIFICATE_SECONDS

    def __call__(self) -> None:
        try:
            self._keep_database()
            self._keep_certificate()
        except (PostgresProblem, TlsProblem) as problem:
            say(f"{problem}. Trying again.")

    def _keep_database(self) -> None:
        if self.embedded and not self.embedded.is_running():
            say("the database is gone: starting it again")
            self.embedded.ensure_running()

    def _keep_certificate(self) -> None:
        if time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + CERTIFICATE_SECONDS
        if self._certificate() != self.loaded:
            self.loaded = self._certificate()
            self.supervisor.send(WEB, SIGHUP)  # granian replaces its processes one by one

    def _certificate(self) -> bytes:
        """Renewed on the way when it is ours and nearly over."""
        return tls_files(self.config).certificate.read_bytes()


# ── the programs ──


def _web(config: Config) -> Program:
    environment = {name: value for name, value in _environment(config).items() if name not in NOT_FOR_WEB}
    return Program(WEB, [*PYTHON, "leadcrm.core.server", "web"], environment)


def _redirects(config: Config) -> list[Program]:
    if not config.http_port:
        return []
    try:
        refuse_taken_port(config.bind, config.http_port, "LEADCRM_HTTP_PORT, 0 for none")
    except PortTaken as taken:  # a convenience: no reason to refuse the start
        say(f"http:// is not redirected to https://, because {taken}")
        return []
    environment = {name: value for name, value in _environment(config).items() if "DATABASE" not in name}
    return [Program("redirects", [*PYTHON, "leadcrm.core.server", "redirects"], environment, urgent=False)]


def _workers(config: Config, processes: int) -> list[Program]:
    # Killed at once when we are: a job's work is kept chunk by chunk, and two of one job must never run.
    command = [*PYTHON, "leadcrm.cli", "worker", "--one"]
    names = [f"worker {number}" for number in range(1, processes + 1)]
    return [Program(name, command, _environment(config), SIGKILL, urgent=False) for name in names]


def _environment(config: Config) -> dict[str, str]:
    """The configuration as it stands, file, environment and overrides together, for a child to load again."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    chosen = config.model_dump(exclude_defaults=True, exclude={"instance"})
    values = {f"{PREFIX}{name.upper()}": _written(value) for name, value in chosen.items() if value is not None}
    return ours | values | {f"{PREFIX}INSTANCE": str(config.instance), "PYTHONPATH": str(ROOT)}


def _written(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
