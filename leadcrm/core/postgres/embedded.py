"""The PostgreSQL that leadcrm brings along: made at first, shared by every process, stopped after the last."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from leadcrm.core.files import write_private
from leadcrm.core.locks import FileLock, locked
from leadcrm.core.postgres.binaries import MAJOR, programs_for
from leadcrm.core.postgres.leftovers import clear_leftovers
from leadcrm.core.postgres.places import Places, places_of, prepare_folders
from leadcrm.core.postgres.problems import PostgresProblem
from leadcrm.core.postgres.roles import prepare_cluster
from leadcrm.core.postgres.settings import machine_memory, server_settings
from leadcrm.core.postgres.urls import APP_FILE, Urls, conninfo, socket_url

KEEPER = Path(__file__).with_name("keeper.py")
SUPERUSER = "postgres"
DATABASE = "leadcrm"
START_SECONDS = 600  # replaying the log after a crash may take minutes
STOP_SECONDS = 120  # the last checkpoint of a big import may too

_in_use: dict[Path, FileLock] = {}  # for the life of the process: the server runs as long as one of these is held


class Embedded:
    """The server of one instance. `durable=False` is for tests: faster, and lost when the machine dies."""

    def __init__(self, instance: Path, *, durable: bool = True) -> None:
        self.instance = instance.absolute()
        self.durable = durable

    def ensure_running(self) -> Urls:
        """Start the server, or join the one that runs; it stops when the last process that called this has ended."""
        self.instance.mkdir(mode=0o755, parents=True, exist_ok=True)
        places = places_of(self.instance)
        with locked(places.control / "starting"):
            self._claim_use(places)
            try:
                if not self._comes_up(places):
                    self._start(places)
                return self._urls(places)
            except BaseException:
                self._drop_use(places)
                raise

    def is_running(self) -> bool:
        places = self._existing()
        return places is not None and self._answers(places)

    def release(self) -> None:
        """This process needs the server no more; the last one waits until it has stopped cleanly."""
        places = self._existing()
        if places is None:
            return
        with locked(places.control / "starting"):
            self._drop_use(places)
            in_use = FileLock(places.control / "in-use")
            unused = in_use.try_hold()
            in_use.drop()
            if unused:
                self._stop_keeper(places)
            elif _keeper_is_stopping(places):
                _wait_for_keeper(places)

    def stop(self) -> None:
        """Stop it now, whoever uses it."""
        places = self._existing()
        if places is None:
            return
        with locked(places.control / "starting"):
            self._drop_use(places)
            self._stop_keeper(places)

    def destroy(self) -> None:
        """Stop it and remove all its data. Tests only: no command calls this."""
        places = self._existing()
        if places is not None:
            self.stop()
            places.remove()

    def admin_url(self, database: str = "postgres") -> str:
        """The superuser's address: to create databases, never for the application."""
        places = places_of(self.instance)
        return socket_url(places.sockets, SUPERUSER, _superuser_password(places), database)

    # ── starting ──

    def _start(self, places: Places) -> None:
        _refuse_unreachable(places)
        prepare_folders(places)
        clear_leftovers(places)
        programs = programs_for(places.account)
        if not (places.data / "PG_VERSION").exists():
            self._create(places, programs)
        _refuse_other_major(places.data)
        self._run_keeper(places, programs)
        if not self._comes_up(places):
            raise PostgresProblem(f"PostgreSQL did not start. The end of {_log(places)}:\n{_last_lines(places)}")

    def _create(self, places: Places, programs: Path) -> None:
        """`initdb` into a folder beside it, so that one killed half-way leaves nothing that looks finished."""
        password = secrets.token_urlsafe(32)
        write_private(places.control / "superuser", password)
        unfinished = places.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        places.account.give(unfinished)
        with tempfile.NamedTemporaryFile("w", dir=places.home) as secret:  # 0600
            secret.write(password)
            secret.flush()
            places.account.give(Path(secret.name))
            _run([programs / "initdb", *_initdb_options(unfinished, secret.name, self.durable)], places)
        unfinished.rename(places.data)

    def _run_keeper(self, places: Places, programs: Path) -> None:
        disk = shutil.disk_usage(places.home).free
        settings = server_settings(places.sockets, places.label, machine_memory(), disk, self.durable)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        account = places.account
        identity = [str(account.uid), str(account.gid)] if account.drops else ["-", "-"]
        keeper = [sys.executable, "-I", "-S", str(KEEPER), str(places.control), *identity]
        with _log(places).open("ab") as log:
            subprocess.run(
                [*keeper, str(programs / "postgres"), "-D", str(places.data), *options],
                check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_environment(),
            )  # fmt: skip

    def _comes_up(self, places: Places) -> bool:
        """Wait for as long as a keeper tries. It may die any moment, and its server then stops by itself."""
        limit = time.monotonic() + START_SECONDS
        while not self._answers(places):
            if not FileLock(places.control / "keeper").is_held():
                return False
            if time.monotonic() > limit:
                raise PostgresProblem(f"PostgreSQL does not answer after {START_SECONDS} seconds; see {_log(places)}")
            time.sleep(0.02)
        return True

    def _answers(self, places: Places) -> bool:
        if not FileLock(places.control / "keeper").is_held():
            return False
        try:
            psycopg.connect(conninfo(self.admin_url()), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _urls(self, places: Places) -> Urls:
        if (self.instance / APP_FILE).exists():
            urls = Urls.load(self.instance)
            current = urls.at(places.sockets)  # the checkout may have moved
        else:
            current = prepare_cluster(self.admin_url(), DATABASE, reset_passwords=True)
            urls = None
        if current != urls:
            current.save(self.instance)
        return current

    # ── who uses it ──

    def _existing(self) -> Places | None:
        return places_of(self.instance) if (self.instance / "postgres" / "place.json").exists() else None

    def _claim_use(self, places: Places) -> None:
        if places.control not in _in_use:
            lock = FileLock(places.control / "in-use")
            lock.share()  # waits while a keeper that saw nobody stops its server
            _in_use[places.control] = lock

    def _drop_use(self, places: Places) -> None:
        lock = _in_use.pop(places.control, None)
        if lock:
            lock.drop()

    def _stop_keeper(self, places: Places) -> None:
        if FileLock(places.control / "keeper").is_held():  # so the number in it is the keeper's
            os.kill(int((places.control / "keeper").read_text()), signal.SIGTERM)
            _wait_for_keeper(places)
        clear_leftovers(places)


def _wait_for_keeper(places: Places) -> None:
    if not FileLock(places.control / "keeper").free_within(STOP_SECONDS):
        raise PostgresProblem(f"PostgreSQL did not stop within {STOP_SECONDS} seconds; see {_log(places)}")


def _keeper_is_stopping(places: Places) -> bool:
    return FileLock(places.control / "in-use").is_held()  # for itself alone: others only share it


def _initdb_options(data: Path, password_file: str, durable: bool) -> list[str]:
    return [
        f"--pgdata={data}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth-local=scram-sha-256",
        "--auth-host=reject",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
    ]


def _run(command: list[str | Path], places: Places) -> None:
    done = subprocess.run(
        command, cwd="/", capture_output=True, text=True, env=_environment(), **places.account.popen_options()
    )
    if done.returncode:
        raise PostgresProblem(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def _environment() -> dict[str, str]:
    """Nothing of ours: a PGDATA or LD_PRELOAD of the caller has no place in the server."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _refuse_unreachable(places: Places) -> None:
    account, home = places.account, places.home
    if account.drops and not account.can_enter(home):
        raise PostgresProblem(
            f"the user {account.name}, who runs PostgreSQL, can no longer reach {home}: "
            "give the folders above it back their x permission for others (chmod o+x)"
        )


def _refuse_other_major(data: Path) -> None:
    major = (data / "PG_VERSION").read_text().strip()
    if major != MAJOR:
        raise PostgresProblem(
            f"{data} was made by PostgreSQL {major}, this release brings {MAJOR}: "
            "make a dump with the old release and restore it with this one"
        )


def _superuser_password(places: Places) -> str:
    try:
        return (places.control / "superuser").read_text()
    except FileNotFoundError:
        raise PostgresProblem(f"{places.control / 'superuser'} is missing: restore it from a backup") from None


def _log(places: Places) -> Path:
    """The server's log; one old one is kept."""
    log = places.control / "postgres.log"
    if log.exists() and log.stat().st_size > 5_000_000:
        log.replace(log.with_suffix(".log.old"))
    if not log.exists():
        write_private(log, "")
    return log


def _last_lines(places: Places) -> str:
    return "\n".join(_log(places).read_text(errors="replace").splitlines()[-15:])
