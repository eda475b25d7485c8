"""What reaches the product through a socket: no header of the client's own telling, no path to a secret."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadcrm.core.config import Config, ConfigProblem, load
from tests.deploy.conftest import FAST, Site
from tests.deploy.knocking import COMES_FROM, Client
from tests.deploy.sensitive import PLANTED

pytestmark = pytest.mark.attack  # against real servers, and slow

FORGED = {
    "X-Forwarded-For": "203.0.113.9", "X_Forwarded_For": "203.0.113.9", "X-Forwarded_For": "203.0.113.9",
    "x_forwarded-for": "203.0.113.9", "X_Forwarded_Proto": "http", "X_Real_IP": "203.0.113.9",
    "X_Forwarded_Host": "evil", "Forwarded": "for=203.0.113.9", "X-Original-URL": "/admin",
    "X-Forwarded-Prefix": "/evil",
}  # fmt: skip


class Echo(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Takes requests in, keeps their heads, answers nothing of interest."""

    daemon_threads = True
    heads: list[str]


class Taken(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n") and (line := self.rfile.readline()):
            head += line
        self.server.heads.append(head.decode("latin-1"))  # type: ignore[attr-defined]
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n")


@pytest.fixture
def echo(site: Site) -> Iterator[Echo]:
    place = Path(site.folder / "echo.sock")
    place.unlink(missing_ok=True)
    server = Echo(str(place), Taken)
    server.heads = []
    place.chmod(0o777)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("kind", ["nginx", "caddy", "apache"])
def test_what_reaches_the_product(site: Site, echo: Echo, kind: str) -> None:
    proxy = site.proxy(kind, f"{kind}-echo", "--upstream", str(site.folder / "echo.sock"), *FAST)
    client = Client(proxy.https_port, site.authority)
    assert client.ask("GET", "/auth/sign-in", FORGED).status == 200
    lines = echo.heads[-1].split("\r\n")[1:]
    headers = [line.partition(":")[0].lower() for line in lines if line]
    said = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines if line}
    assert [name for name in headers if "_" in name] == []
    assert headers.count("x-forwarded-for") == 1 and said["x-forwarded-for"] == COMES_FROM
    assert said["x-forwarded-proto"] == "https"
    told = {name for name, value in said.items() if value}
    assert not {"forwarded", "x-original-url", "x-forwarded-prefix", "x-real-ip"} & told
    before = len(echo.heads)
    for place in ("", "/static", "/leads"):
        for name in PLANTED:
            if ".." not in name and (place != "/leads" or name.startswith(".")):
                assert client.ask("GET", f"{place}/{name}").status in (0, 400, 403, 404), f"{place}/{name}"
    assert echo.heads[before:] == []


def test_a_socket_needs_a_trusted_proxy(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match="trusted_proxies"):
        load(tmp_path, {"LEADCRM_SOCKET": "/run/leadcrm/web.sock"})
    good = load(tmp_path, {"LEADCRM_SOCKET": "/run/leadcrm/web.sock", "LEADCRM_TRUSTED_PROXIES": "unix"})
    assert isinstance(good, Config) and good.socket
