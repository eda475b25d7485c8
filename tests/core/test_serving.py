"""The product as `leadcrm serve` runs it: a real instance, real processes, a real connection."""

import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from leadcrm import cli
from leadcrm.core import commands, processes
from leadcrm.core.config import Config, ConfigProblem
from leadcrm.core.early import Early
from leadcrm.core.postgres import Embedded, conninfo
from leadcrm.core.processes import (
    NOT_FOR_WEB,
    PortTaken,
    _environment,
    _redirects,
    _web,
    _workers,
    refuse_taken_port,
    web_begun,
)
from tests import forks
from tests.ports import free_port

ROOT = Path(__file__).parents[2]


class Product:
    """One instance, and the command on it."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance
        self.port, self.http_port = free_port(), free_port()
        ours = {name: value for name, value in os.environ.items() if not name.startswith("LEADCRM_")}
        address = {"LEADCRM_PORT": str(self.port), "LEADCRM_BASE_URL": f"https://localhost:{self.port}"}
        more = {"LEADCRM_HTTP_PORT": str(self.http_port), "LEADCRM_WEB_WORKERS": "1", "LEADCRM_JOB_WORKERS": "1"}
        self.environment = ours | address | more | {"LEADCRM_INSTANCE": str(instance)}
        self.process: subprocess.Popen[str] | None = None

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return forks.leadcrm(*words, env=self.environment)

    def serve(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "leadcrm.cli", "serve"],
            cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout
        assert self.process.stdout.readline() == f"leadcrm answers on https://localhost:{self.port}\n", self.end()

    @contextmanager
    def serving(self) -> Iterator[None]:
        self.serve()
        try:
            yield
        finally:
            self.errors = self.end()

    def end(self, how: signal.Signals = signal.SIGTERM) -> str:
        assert self.process
        self.process.send_signal(how)
        errors = self.process.communicate(timeout=180)[1]
        self.code, self.process = self.process.returncode, None
        return errors

    def ask(self, method: str, path: str, *, plain: bool = False, **headers: str) -> http.client.HTTPResponse:
        trusted = ssl.create_default_context(cafile=self.instance / "tls" / "ca.pem")
        connection: http.client.HTTPConnection = (
            http.client.HTTPConnection("localhost", self.http_port, timeout=90)
            if plain
            else http.client.HTTPSConnection("localhost", self.port, context=trusted, timeout=90)
        )
        with closing(connection):
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            answer.read()
        return answer

    def processes(self) -> list[str]:
        """Whatever was started with this instance in its environment or on its command line."""
        mark = os.fsencode(self.instance)
        return [line for pid in Path("/proc").glob("[0-9]*") if mark in (line_of(pid) + environment_of(pid))
                for line in [line_of(pid).decode()]]  # fmt: skip


def line_of(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ") + (process / "comm").read_bytes()
    except OSError:
        return b""


def environment_of(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


def eventually(holds: Callable[[], object], seconds: float = 120) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "did not become true"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    folder = Path(tempfile.mkdtemp(prefix="leadcrm-product-"))
    made = Product(folder)
    done = made.command("init")
    assert done.returncode == 0, done.stderr
    yield made
    if made.process:
        made.end(signal.SIGKILL)
    Embedded(folder).destroy()
    shutil.rmtree(folder)


@pytest.mark.asvs("V12.1.1")
def test_it_answers_over_modern_tls_and_stops_without_a_trace(product: Product) -> None:
    with product.serving():
        assert product.ask("GET", "/healthz").status == 200
        speaks_modern_tls_old_http_and_takes_no_huge_headers(product)
        eventually(partial(is_there, product, "worker --one"))
        eventually(partial(answers, product, plain=True))
        assert not is_there(product, "server web")  # it is a fork, which costs a start the half
        away = product.ask("GET", "/leads/", plain=True)
        assert (away.status, away.headers["Location"]) == (301, f"https://localhost:{product.port}/leads/")
        assert product.ask("POST", "/auth/sign-in", plain=True).status == 403
    assert (product.code, product.errors) == (0, "")
    assert product.processes() == []


@pytest.mark.attack
def test_it_survives_the_death_of_each_of_its_parts(product: Product) -> None:
    with product.serving():
        for part in ("leadcrm web", "server web", "worker --one", "keeper.py"):  # the fork, and what comes after it
            eventually(partial(is_there, product, part))  # the first one: it answers before the worker is there
            kill(product, part)
            eventually(partial(is_there, product, part))
            eventually(partial(answers, product))
    assert product.processes() == []


def is_there(product: Product, part: str) -> bool:
    return any(part in line for line in product.processes())


def kill(product: Product, part: str) -> None:
    mark = os.fsencode(product.instance)
    processes = [pid for pid in Path("/proc").glob("[0-9]*") if part.encode() in line_of(pid)]
    oldest = min(int(pid.name) for pid in processes if mark in line_of(pid) + environment_of(pid))
    os.kill(oldest, signal.SIGKILL)
    eventually(lambda: not line_of(Path(f"/proc/{oldest}")))


def answers(product: Product, *, plain: bool = False) -> bool:
    try:
        return product.ask("GET", "/healthz", plain=plain).status in (200, 301)
    except OSError:
        return False


@pytest.mark.attack
def test_nothing_is_left_when_it_is_killed(product: Product) -> None:
    product.serve()
    product.end(signal.SIGKILL)
    eventually(lambda: product.processes() == [])


def test_a_taken_port_is_refused_with_the_remedy(product: Product) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", product.port))
        other.listen()
        done = product.command("serve")
    assert done.returncode == 1
    assert "Address already in use" in done.stderr
    assert "choose another port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.attack
def test_a_taken_plain_port_is_no_reason_to_refuse(product: Product) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", product.http_port))
        other.listen()
        with product.serving():
            assert product.ask("GET", "/healthz").status == 200
    assert "http:// is not redirected to https://" in product.errors


def speaks_modern_tls_old_http_and_takes_no_huge_headers(product: Product) -> None:
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        assert agreed(product, version) == (version.name, "http/1.1")
    assert "alert" in old_handshake(product)
    assert product.ask("GET", "/healthz", **{"X-Long": "a" * 10_000}).status == 200
    assert not takes(product, "a" * 500_000)


def takes(product: Product, header: str) -> bool:
    try:
        return product.ask("GET", "/healthz", **{"X-Long": header}).status == 200
    except (OSError, http.client.HTTPException):  # it hangs up in the middle
        return False


def old_handshake(product: Product) -> str:
    old = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"localhost:{product.port}", *old],
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip
    return done.stderr


def agreed(product: Product, version: ssl.TLSVersion) -> tuple[str, str | None]:
    context = ssl.create_default_context(cafile=product.instance / "tls" / "ca.pem")
    context.maximum_version = context.minimum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("localhost", product.port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        return (secured.version() or "").replace(".", "_"), secured.selected_alpn_protocol()


def test_a_database_that_is_not_current_is_refused(product: Product) -> None:
    embedded = Embedded(product.instance)
    embedded.ensure_running()
    from_version(embedded, "0001")
    done = product.command("serve")
    assert "the database is at migration 0001" in done.stderr
    assert "leadcrm migrate" in done.stderr
    from_version(embedded, newest())
    embedded.release()


def newest() -> str:
    return max(file.name[:4] for file in (ROOT / "migrations").glob("0*.py"))


def from_version(embedded: Embedded, version: str) -> None:
    with psycopg.connect(conninfo(embedded.admin_url("leadcrm"))) as admin:
        admin.execute("UPDATE alembic_version SET version_num = %s", [version])


# ── what each process may know ──


@pytest.mark.asvs("V13.3.2", "V13.2.2")
def test_web_processes_do_not_get_the_other_logins() -> None:
    config = Config(
        worker_database_url="postgresql://w", migrator_database_url="postgresql://m", http_port=free_port()
    )  # fmt: skip
    for name in NOT_FOR_WEB:
        assert name in _workers(config, 1)[0].environment
        assert name not in _web(config).environment
        assert name not in _redirects(config)[0].environment


def test_a_fork_would_keep_what_its_first_environment_held(monkeypatch: pytest.MonkeyPatch) -> None:
    with web_begun() as web:
        assert web is not None
    for name in NOT_FOR_WEB:
        with monkeypatch.context() as patched, web_begun_with(patched, name) as web:
            assert web is None


def web_begun_with(monkeypatch: pytest.MonkeyPatch, name: str) -> AbstractContextManager[Early | None]:
    monkeypatch.setenv(name, "postgresql://w")
    return web_begun()


@pytest.mark.parametrize("words", [["serve"], ["demo"]])
def test_the_fork_is_made_before_the_command_knows_a_secret(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Even its configuration may hold the login of the workers."""
    happened: list[str] = []

    def record(what: str) -> Callable[..., Any]:
        def note(*_given: object, **_named: object) -> Any:
            happened.append(what)
            raise ConfigProblem("enough")

        return note

    monkeypatch.setattr(processes, "Early", lambda _main: nullcontext(happened.append("forked")))
    for place in (commands, cli):
        monkeypatch.setattr(place, "load", record("loaded"))
    assert isinstance(CliRunner().invoke(cli.leadcrm, words).exception, ConfigProblem)
    assert happened == ["forked", "loaded"]


def test_children_load_the_configuration_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADCRM_LANGUAGE", "en")
    environment = _environment(Config(port=9443, hosts=("a", "b")))
    assert (environment["LEADCRM_PORT"], environment["LEADCRM_HOSTS"]) == ("9443", "a,b")
    assert "LEADCRM_LANGUAGE" not in environment  # what counts is the configuration that was loaded


def test_a_port_below_1024_explains_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(PortTaken, match="port 443 is for root only"):
        refuse_taken_port("127.0.0.1", 443, "LEADCRM_PORT")
