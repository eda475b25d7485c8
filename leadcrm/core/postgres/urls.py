"""The addresses of the database, one per login, and the instance files that keep them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, make_url

from leadcrm.core.files import write_private
from leadcrm.core.postgres.problems import PostgresProblem

DRIVER = "postgresql+psycopg"
# Two files, so that a web process can be denied the second one.
APP_FILE = "database.json"
MAINTENANCE_FILE = "database-maintenance.json"


@dataclass(frozen=True)
class Urls:
    """SQLAlchemy URLs. `app` for web processes, `worker` for jobs, `migrator` for migrations and backups."""

    app: str
    worker: str
    migrator: str

    def __repr__(self) -> str:
        return f"Urls(app={make_url(self.app)!r})"

    @classmethod
    def load(cls, instance: Path) -> Self:
        return cls(**_read(instance / APP_FILE, "app"), **_read(instance / MAINTENANCE_FILE, "worker", "migrator"))

    def save(self, instance: Path) -> None:
        write_private(instance / APP_FILE, json.dumps({"app": self.app}, indent=1))
        maintenance = {"worker": self.worker, "migrator": self.migrator}
        write_private(instance / MAINTENANCE_FILE, json.dumps(maintenance, indent=1))

    def on(self, database: str) -> Self:
        """The same logins on another database of the same server."""
        return type(self)(*(_render(make_url(url).set(database=database)) for url in self.each()))

    def at(self, sockets: Path) -> Self:
        """The same logins through another socket directory."""
        query = {"host": str(sockets), "port": "5432"}
        return type(self)(*(_render(make_url(url).set(query=query)) for url in self.each()))

    def each(self) -> tuple[str, str, str]:
        return self.app, self.worker, self.migrator


def app_url(instance: Path) -> str:
    """What a web process needs, without the file it need not read."""
    return _read(instance / APP_FILE, "app")["app"]


def lives_elsewhere(instance: Path) -> bool:
    """`leadcrm init --admin-url` wrote the addresses of a server that is not the embedded one."""
    return (instance / APP_FILE).exists() and not (instance / "postgres").exists()


def socket_url(sockets: Path, user: str, password: str, database: str) -> str:
    # The port names the socket file; said aloud so that a PGPORT in the environment changes nothing.
    query = {"host": str(sockets), "port": "5432"}
    return _render(URL.create(DRIVER, user, password, database=database, query=query))


def login_url(server: str, user: str, password: str, database: str) -> str:
    """The server and connection options of `server`, with another login and database."""
    url = make_url(server).set(drivername=DRIVER, username=user, password=password, database=database)
    return _render(url)


def password_of(url: str) -> str:
    password = make_url(url).password
    if not password:
        raise PostgresProblem(f"the database URL {make_url(url)!r} carries no password")
    return str(password)


def conninfo(url: str) -> str:
    """A SQLAlchemy URL as libpq reads it, for psycopg and the PostgreSQL tools."""
    parts = make_url(url)
    query = {key: value if isinstance(value, str) else ",".join(value) for key, value in parts.query.items()}
    address = {
        "host": parts.host,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password,
        "dbname": parts.database,
    }
    return make_conninfo("", **{key: value for key, value in address.items() if value is not None}, **query)


def _read(file: Path, *names: str) -> dict[str, str]:
    try:
        values = json.loads(file.read_text())
        return {name: str(values[name]) for name in names}
    except FileNotFoundError:
        raise PostgresProblem(f"{file} is missing: run `leadcrm init` to create the database") from None
    except PermissionError:
        raise PostgresProblem(f"{file} is not readable for this user: run as the user who owns it") from None
    except (ValueError, KeyError, TypeError) as broken:
        raise PostgresProblem(f"{file} is damaged ({broken}): restore it from a backup") from None


def _render(url: URL) -> str:
    return url.render_as_string(hide_password=False)
