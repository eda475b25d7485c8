"""The real nginx, Caddy and Apache of this machine, started by us on loopback with what `leadcrm deploy` generates."""

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = {"nginx": "nginx", "caddy": "caddy", "apache": "apache2"}
PACKAGES = {"nginx": "nginx", "caddy": "caddy", "apache": "apache2-bin"}
MODULES = Path("/usr/lib/apache2/modules")
WANTED = ("mpm_event", "authn_core", "authz_core", "authz_user", "authn_file", "auth_basic", "socache_shmcb", "ssl",
          "proxy", "proxy_http", "headers", "rewrite", "reqtimeout", "setenvif", "alias", "mime")  # fmt: skip
START_SECONDS = 90


def program(kind: str) -> str | None:
    return shutil.which(PROGRAMS[kind]) or shutil.which(PROGRAMS[kind], path="/usr/sbin:/usr/local/sbin")


def around(kind: str, generated: str, folder: Path) -> str:
    """The frame that the distribution's own configuration gives; in it, the generated text as it is."""
    log = folder / "access.log"
    if kind == "caddy":
        return generated.replace("/var/log/caddy/leadcrm.log", str(log))
    if kind == "nginx":
        user = "user root;\n" if os.getuid() == 0 else ""
        site = generated.replace("/var/log/nginx/leadcrm.log", str(log))
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in kinds)
        return (f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
                f"events {{ worker_connections 256; }}\nhttp {{\n{temporary}access_log off;\n{site}\n}}\n")  # fmt: skip
    ports = [word for word in generated.split() if word.startswith("*:")]
    listen = "\n".join(f"Listen 127.0.0.1:{port[2:].rstrip('>')}" for port in sorted(set(ports)))
    modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in WANTED)
    user = "User www-data\nGroup www-data\n" if os.getuid() == 0 else ""
    site = generated.replace("/var/log/apache2/leadcrm.log", str(log))
    return (f"ServerRoot {folder}\nPidFile {folder}/pid\nDefaultRuntimeDir {folder}\nMutex posixsem\n"
            f"ErrorLog {folder}/error.log\n{modules}\n{user}{listen}\n"
            f"TypesConfig /etc/mime.types\nServerName localhost\n{site}")  # fmt: skip


@dataclass
class Proxy:
    """One that runs."""

    kind: str
    folder: Path
    https_port: int
    http_port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        file = self.folder / "access.log"
        return file.read_text() if file.exists() else ""

    def start(self, generated: str) -> None:
        file = self.folder / "configuration"
        file.write_text(around(self.kind, generated, self.folder))
        found = program(self.kind)
        assert found
        command = {
            "nginx": [found, "-p", str(self.folder), "-c", str(file)],
            "caddy": [found, "run", "--adapter", "caddyfile", "--config", str(file)],
            "apache": [found, "-f", str(file), "-D", "FOREGROUND"],
        }[self.kind]
        with (self.folder / "screen").open("wb") as screen:
            home = {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
            self.process = subprocess.Popen(command, stdout=screen, stderr=screen, env=dict(os.environ) | home)
        self._wait()

    def _wait(self) -> None:
        limit = time.monotonic() + START_SECONDS
        for port in (self.https_port, self.http_port):
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    ended = self.process is None or self.process.poll() is not None
                    assert not ended and time.monotonic() < limit, self.screen()
                    time.sleep(0.05)

    def screen(self) -> str:
        files = [self.folder / "screen", self.folder / "error.log"]
        return "\n".join(file.read_text(errors="replace")[-4000:] for file in files if file.exists())

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(20)
