"""Where an instance keeps its server: the data, the socket, the lock files and the log."""

import hashlib
import json
import os
import re
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from leadcrm.core.files import private_folder, write_private
from leadcrm.core.locks import locked
from leadcrm.core.postgres.account import Account, account_for
from leadcrm.core.postgres.binaries import state_folder
from leadcrm.core.postgres.problems import PostgresProblem

LONGEST_SOCKET = 107  # bytes of `sun_path` in Linux, without the closing zero
SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Places:
    control: Path  # locks, log and the superuser's password: ours
    home: Path  # holds data and socket: PostgreSQL's account must get in
    account: Account

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def sockets(self) -> Path:
        folder = self.home / "run"
        return folder if _fits(folder) else _short_folder(self.home, self.account)

    @property
    def label(self) -> str:
        """Stands in the process titles, so that our processes can be told from others."""
        return f"leadcrm-{_digest(self.data)}"

    def remove(self) -> None:
        if not _fits(self.home / "run"):
            shutil.rmtree(_short_folder(self.home, self.account), ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.control, ignore_errors=True)


def places_of(instance: Path) -> Places:
    """What was decided when the data folder was made holds for good: a changed mode must not lead to an empty one."""
    control = instance / "postgres"
    record = control / "place.json"
    if record.exists():
        return _recorded(instance, control, record)
    private_folder(control)
    with locked(control / "deciding"):  # of two first starts at once, one decides
        if record.exists():
            return _recorded(instance, control, record)
        account = account_for(instance)
        home = _choose_home(instance, control, account)
        write_private(record, json.dumps({"home": str(home), "uid": account.uid, "gid": account.gid}))
    return Places(control, home, account)


def prepare_folders(places: Places) -> None:
    """Make what is missing: only under `instance/`, `/var/lib/leadcrm` and, for long paths, a short private folder."""
    folder = places.home / "run"
    if not folder.exists():
        folder.mkdir(mode=0o700)
        places.account.give(folder)
    if places.sockets != places.home / "run":
        _make_short_folder(places.sockets, places.account)


def _recorded(instance: Path, control: Path, record: Path) -> Places:
    try:
        decided = json.loads(record.read_text())
    except PermissionError:
        raise PostgresProblem(f"{record} belongs to another user: run as the user who created the instance") from None
    home = Path(decided["home"])
    if home.is_relative_to("/var/lib/leadcrm"):
        _claim(home, instance)
    else:
        home = control  # a checkout may move, its server moves along
    account = Account(str(decided["uid"]), decided["uid"], decided["gid"])
    if account.drops and os.geteuid() != 0:
        raise PostgresProblem(f"the database under {home} belongs to user {account.uid}: run as that user, or as root")
    return Places(control, home, account)


def _choose_home(instance: Path, control: Path, account: Account) -> Path:
    if not account.drops:
        return control
    if account.can_enter(instance):
        control.chmod(0o711)  # the account passes through, and reads nothing of ours
        return control
    name = re.sub(r"[^a-z0-9]+", "-", str(instance.parent).lower()).strip("-")[-24:]
    home = state_folder() / f"{name}-{secrets.token_hex(4)}"
    home.mkdir(mode=0o711)
    home.chmod(0o711)
    _claim(home, instance)
    return home


def _claim(home: Path, instance: Path) -> None:
    """Two copies of one checkout must not share one data folder."""
    mark = home / "instance"
    owner = Path(mark.read_text()) if mark.exists() else instance
    record = owner / "postgres" / "place.json"
    if owner != instance and record.exists() and json.loads(record.read_text())["home"] == str(home):
        raise PostgresProblem(
            f"{instance} is a copy of {owner}, whose database it would use: "
            f"remove {instance / 'postgres'} and {instance / 'database.json'} for a new one"
        )
    home.mkdir(mode=0o711, exist_ok=True)
    write_private(mark, str(instance))


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_SOCKET


def _short_folder(home: Path, account: Account) -> Path:
    runtime = Path(f"/run/user/{account.uid}")
    base = runtime if runtime.is_dir() and not account.drops else Path(tempfile.gettempdir())
    short = base / f"leadcrm-{account.uid}-{_digest(home)}"
    return short if _fits(short) else Path("/tmp") / short.name  # noqa: S108  # _make_short_folder checks it


def _make_short_folder(folder: Path, account: Account) -> None:
    """In a folder where all may write, so whatever stands there already must be ours alone."""
    try:
        folder.mkdir(mode=0o700)
        account.give(folder)
    except FileExistsError:
        status = folder.lstat()
        if status.st_uid != account.uid or status.st_mode & 0o170777 != 0o040700:
            raise PostgresProblem(f"{folder} is not a private folder of user {account.name}: remove it") from None


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
