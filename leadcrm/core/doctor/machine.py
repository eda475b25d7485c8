"""The machine under it: room, memory, open files, clock, the names it answers to."""

import ctypes
import resource
import shutil
import subprocess
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _

from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok, warn
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.postgres.binaries import STATE

GIB = 1024**3
UNSYNCHRONISED = 5  # adjtimex(2): TIME_ERROR
LEAST_FILES = 4096
LOCAL = {"localhost", "127.0.0.1", "[::1]", "::1"}
MEMINFO = Path("/proc/meminfo")


def disk(subject: Subject) -> Outcome:
    places = [subject.config.instance, *([STATE] if STATE.exists() else [])]
    usage = min((shutil.disk_usage(place) for place in places if place.exists()), key=lambda usage: usage.free)
    found = _("%(gib).1f GiB free (%(part)d%%)", gib=usage.free / GIB, part=100 * usage.free // usage.total)
    if usage.free < GIB:
        return fail(found, _("PostgreSQL stops on a full disk: make room now"))
    if usage.free < 5 * GIB:
        return warn(found, _("make room, or move the instance"))
    return ok(found)


def memory(subject: Subject) -> Outcome:
    lines = (line.split() for line in MEMINFO.read_text().splitlines())
    known = {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if len(words) > 1}
    free = known.get("MemAvailable", 0)
    found = _("%(gib).1f GiB available", gib=free / GIB)
    if free < GIB / 4:
        return fail(found, _("give the machine more memory, or use fewer workers"))
    return warn(found, _("use fewer workers, or give it more")) if free < GIB / 2 else ok(found)


def open_files(subject: Subject) -> Outcome:
    """The limit that the product inherits from here."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = max(soft, 0) if soft != resource.RLIM_INFINITY else 1_000_000
    found = _("%(most)d allowed", most=most)
    if most < LEAST_FILES:
        return warn(found, _("raise it: LimitNOFILE=65536 in the unit, or `ulimit -n %(hard)d`", hard=hard))
    return ok(found)


def clock(subject: Subject) -> Outcome:
    """One-time codes and the ends of terms depend on it."""
    keeper = _keeper()
    if ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)) == UNSYNCHRONISED:
        return warn(_("no time server keeps it right"), _("install chrony or systemd-timesyncd"), keeper)
    return ok(_("kept right by a time server"), keeper)


def _keeper() -> str:
    """What chrony says, or timesyncd; empty when neither is there."""
    for command in (["chronyc", "-n", "tracking"], ["timedatectl", "show", "-p", "NTPSynchronized"]):
        if shutil.which(command[0]):
            said = subprocess.run(command, capture_output=True, text=True, timeout=5)
            if said.returncode == 0:
                return next((line for line in said.stdout.splitlines() if "=" in line or "System time" in line), "")
    return ""


def hosts(subject: Subject) -> Outcome:
    config = subject.config
    host = urlsplit(config.base_url).hostname or ""
    named = ", ".join(config.hosts)
    if host not in {name.strip("[]") for name in config.hosts}:
        return fail(_("base_url has a host that `hosts` does not name"), _("add %(host)s to hosts", host=host), named)
    if config.bind not in LOCAL and set(config.hosts) <= LOCAL:
        return warn(_("open to others, but only local names are answered"), _("name it in hosts"), named)
    return ok(named)


def proxy(subject: Subject) -> Outcome:
    """granian has no time limit for a request's body, so a few clients that send drop by drop hold every thread."""
    config = subject.config
    if config.bind not in LOCAL and not config.trusted_proxies:
        remedy = _("put a proxy that takes requests in whole before it (`leadcrm deploy`), named in trusted_proxies")
        return warn(_("the web server itself is open: slow clients can hold it up"), remedy, config.bind)
    public = (urlsplit(config.base_url).hostname or "") not in LOCAL
    if public and not config.trusted_proxies and config.bind in LOCAL:
        remedy = _("name the proxy in trusted_proxies: else every visitor has the proxy's address")
        return fail(_("a proxy stands before it that is not trusted"), remedy)
    return ok(", ".join(config.trusted_proxies) or _("not needed: only this machine reaches the web server"))


def left_overs(subject: Subject) -> Outcome:
    marks = STATE.glob("*/instance") if STATE.exists() else []
    orphans = [str(mark.parent) for mark in marks if not (Path(mark.read_text()) / "postgres" / "place.json").exists()]
    if orphans:
        return warn(_("databases of instances that are gone"), _("remove them"), ", ".join(orphans))
    return ok(_("none"))


_machine = partial(Check, group=Group.MACHINE)
CHECKS = (
    _machine("machine.disk", _("Room on the disk"), look=disk),
    _machine("machine.memory", _("Memory"), look=memory),
    _machine("machine.files", _("Open files"), look=open_files),
    _machine("machine.clock", _("Clock"), look=clock),
    _machine("machine.left_overs", _("Left-over data"), look=left_overs),
    _machine("config.hosts", _("Names it answers to"), look=hosts),
    _machine("config.proxy", _("Proxy"), look=proxy, clauses=("A4",)),
)
