"""Age of the software (A18): Python, the libraries against the lock, the packages of the system, a waiting reboot."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from flask_babel import lazy_gettext as _
from packaging.requirements import Requirement

from leadcrm.core.config import ROOT
from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok, skip, warn
from leadcrm.core.doctor.subject import Subject

DAY = 86_400
QUARTER_DAYS = 92  # requirement A18: updated every quarter or sooner
LOCK = ROOT / ".lock" / "run.txt"
PINNED = re.compile(r"^[a-z0-9][^\\\n]*==[^\\\n]*", re.MULTILINE)  # a line of the lock without its hashes
APT_LISTS = Path("/var/lib/apt/lists")
REBOOT = Path("/run/reboot-required")
UPGRADABLE = re.compile(r"^Inst (\S+)", re.MULTILINE)


def python(subject: Subject) -> Outcome:
    number = ".".join(map(str, sys.version_info[:3]))
    last_year = 2016 + sys.version_info.minor  # 3.11 gets its security releases until October 2027, and so on
    if time.gmtime()[:2] > (last_year, 10):
        found = _("Python %(number)s gets no security releases any more", number=number)
        return warn(found, _("install a newer one, then `make clean`"))
    return ok(_("Python %(number)s, security releases until October %(year)d", number=number, year=last_year))


def age_of_libraries(subject: Subject) -> Outcome:
    """By the newest of them: an update changes some of them."""
    packages = Path(str(distribution("flask").locate_file("")))
    days = (time.time() - max(each.stat().st_mtime for each in packages.glob("*.dist-info"))) / DAY
    found = _("last changed %(days)d days ago", days=days)
    if days > QUARTER_DAYS:
        return warn(found, _("update leadcrm and its libraries, then `leadcrm updated`"))
    return ok(found)


def libraries_as_locked(subject: Subject) -> Outcome:
    """What runs is what was chosen and tested."""
    if not LOCK.exists():
        return skip(_("the list of tested versions did not come along"))
    pinned = dict(_pinned(LOCK.read_text()))
    differing = [f"{name} {found} ({wanted})" for name, wanted in pinned.items() if (found := _version(name)) != wanted
                 and found is not None]  # fmt: skip
    if differing:
        found = _("%(count)d differ from the tested versions", count=len(differing))
        return warn(found, _("install again from .lock/run.txt"), ", ".join(differing[:8]))
    days = (time.time() - LOCK.stat().st_mtime) / DAY
    return ok(_("%(count)d, each the tested version; chosen %(days)d days ago", count=len(pinned), days=days))


def _pinned(lock: str) -> Iterator[tuple[str, str]]:
    """Name and version of what is meant for this Python and this system."""
    for line in PINNED.findall(lock):
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate():
            yield wanted.name, str(wanted.specifier).removeprefix("==")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def system_packages(subject: Subject) -> Outcome:
    if not APT_LISTS.exists() or not shutil.which("apt-get"):
        return skip(_("no apt here: whoever makes this system updates it"), _("record it with `leadcrm updated`"))
    days = (time.time() - APT_LISTS.stat().st_mtime) / DAY
    if days > QUARTER_DAYS:
        return fail(_("not looked for updates for %(days)d days", days=days), "apt-get update && apt-get upgrade")
    waiting = _waiting()
    if waiting:
        shown = ", ".join(waiting[:8])
        return warn(_("%(count)d updates wait", count=len(waiting)), "apt-get upgrade", shown)
    return ok(_("up to date; looked %(days)d days ago", days=days))


def _waiting() -> list[str]:
    """Only simulated: nothing is installed by looking."""
    said = subprocess.run(
        ["apt-get", "--simulate", "--quiet", "upgrade"], capture_output=True, text=True, timeout=60, env={"LC_ALL": "C"}
    )
    return UPGRADABLE.findall(said.stdout)


def reboot(subject: Subject) -> Outcome:
    if REBOOT.exists():
        return warn(_("an update waits for a reboot"), "reboot")
    return ok(_("none is waiting"))


_software = partial(Check, group=Group.SOFTWARE)
CHECKS = (
    _software("software.python", _("Version of Python"), look=python, clauses=("A18",)),
    _software("software.age", _("Age of the libraries"), look=age_of_libraries, clauses=("A18",)),
    _software("software.locked", _("Versions of the libraries"), look=libraries_as_locked, clauses=("A18",)),
    _software("software.packages", _("Packages of the system"), look=system_packages, clauses=("A18",)),
    _software("software.reboot", _("Reboot"), look=reboot, clauses=("A18",)),
)
