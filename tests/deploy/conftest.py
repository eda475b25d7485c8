"""One product and the three proxies before it, for as long as a process of the tests needs them."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from leadcrm.core.assets import DIST
from leadcrm.core.config import ROOT
from leadcrm.core.postgres import Embedded
from leadcrm.core.tls import ensure_certificate
from tests import forks
from tests.deploy.knocking import HOST, OPEN, Client
from tests.deploy.proxies import PACKAGES, Proxy, program
from tests.deploy.sensitive import plant
from tests.ports import free_port

WALL = ("kantoor", "een-tweede-slot")


@dataclass
class Site:
    """The product, a certificate for its name, a folder full of secrets beside the styles, and what runs before it."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    running: dict[str, Proxy] = field(default_factory=dict)

    @property
    def authority(self) -> Path:
        return self.folder / "tls" / "ca.pem"

    def generated(self, kind: str, *options: str) -> str:
        done = forks.leadcrm("deploy", kind, *options, env=self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def proxy(self, kind: str, name: str, *options: str) -> Proxy:
        """A proxy of this kind with these options; started once under its name."""
        if name not in self.running:
            require(kind)
            folder = self.folder / name
            folder.mkdir()
            folder.chmod(0o777)
            proxy = Proxy(kind, folder, free_port(), free_port())
            text = self.generated(
                kind, "--host", HOST, "--https-port", str(proxy.https_port), "--http-port", str(proxy.http_port),
                "--certificate", f"{self.folder}/tls/server.pem", "--key", f"{self.folder}/tls/server.key", *options,
            )  # fmt: skip
            self.running[name] = proxy
            proxy.start(text)
        return self.running[name]

    def client(self, proxy: Proxy) -> Client:
        return Client(proxy.https_port, self.authority)


def require(kind: str) -> None:
    if program(kind):
        return
    sentence = f"{kind} is not on this machine: apt-get install {PACKAGES[kind]}"
    pytest.fail(sentence) if os.environ.get("CI") == "true" else pytest.skip(sentence)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="leadcrm-deploy-"))
    folder.chmod(0o755)
    port = free_port()
    ensure_certificate(folder / "tls", [HOST, "localhost"])
    shutil.copytree(DIST, folder / "web" / "styles")
    plant(folder / "web")
    plant(folder / "web" / "styles")
    user, password = WALL
    (folder / "wall").write_text(f"{user}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()}\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEADCRM_")} | {
        "LEADCRM_INSTANCE": str(folder / "instance"), "LEADCRM_PORT": str(port), "LEADCRM_HTTP_PORT": "0",
        "LEADCRM_BASE_URL": f"https://{HOST}", "LEADCRM_HOSTS": f"{HOST},localhost",
        "LEADCRM_TRUSTED_PROXIES": "127.0.0.1",
        "LEADCRM_WEB_WORKERS": "1", "LEADCRM_JOB_WORKERS": "1",
    }  # fmt: skip
    run: Any = {"cwd": ROOT, "env": environment}
    forks.leadcrm("init", env=environment).check_returncode()
    with (folder / "screen").open("wb") as screen:
        process = subprocess.Popen([sys.executable, "-m", "leadcrm.cli", "serve"], stdout=screen, stderr=screen, **run)
    made = Site(folder, port, process, environment)
    try:
        wait_for(made)
        yield made
    finally:
        for proxy in made.running.values():
            proxy.stop()
        process.terminate()
        process.wait(60)
        Embedded(folder / "instance").destroy()
        shutil.rmtree(folder)


def wait_for(site: Site) -> None:
    limit = time.monotonic() + 180
    while b"answers on" not in (site.folder / "screen").read_bytes():
        assert site.process.poll() is None and time.monotonic() < limit, (site.folder / "screen").read_text()
        time.sleep(0.1)


FAST = ("--rate", "100000", "--sign-in-rate", "100000")


@pytest.fixture(params=["nginx", "caddy", "apache"])
def proxy(request: pytest.FixtureRequest, site: Site) -> Proxy:
    """With the styles served by the proxy itself, from a folder in which secrets lie too."""
    return site.proxy(request.param, request.param, "--assets-folder", str(site.folder / "web" / "styles"), *FAST)


@pytest.fixture
def client(site: Site, proxy: Proxy) -> Client:
    return site.client(proxy)


@pytest.fixture(autouse=True)
def nothing_stays_open() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()
