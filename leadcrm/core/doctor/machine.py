"""The machine under it: Python, disk, clock, the age of the software, the names it answers to."""

import ctypes
import shutil
import sys
import time
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import urlsplit

from leadcrm.core.config import Config
from leadcrm.core.doctor.report import Check, Finding, fail, ok, warn
from leadcrm.core.postgres.binaries import STATE

GIB = 1024**3
DAY = 86_400
QUARTER_DAYS = 92  # requirement A18: updated every quarter or sooner
UNSYNCHRONISED = 5  # adjtimex(2): TIME_ERROR
LOCAL = {"localhost", "127.0.0.1", "[::1]", "::1"}


def python(config: Config) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    last_year = 2016 + sys.version_info.minor  # 3.11 gets its security releases until October 2027, and so on
    if time.gmtime()[:2] > (last_year, 10):
        yield warn("Python", f"{version} gets no security releases any more", "install a newer one, then `make clean`")
        return
    yield ok("Python", f"{version}, security releases until October {last_year}")


def disk(config: Config) -> Iterator[Finding]:
    places = [config.instance, *([STATE] if STATE.exists() else [])]
    usage = min((shutil.disk_usage(place) for place in places if place.exists()), key=lambda usage: usage.free)
    found = f"{usage.free / GIB:.1f} GiB free ({usage.free / usage.total:.0%})"
    if usage.free < GIB:
        yield fail("disk", found, "PostgreSQL stops on a full disk: make room now")
    elif usage.free < 5 * GIB:
        yield warn("disk", found, "make room, or move the instance")
    else:
        yield ok("disk", found)


def clock(config: Config) -> Iterator[Finding]:
    """One-time codes and the ends of terms depend on it."""
    if ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)) == UNSYNCHRONISED:
        yield warn("clock", "no time server keeps it right", "install chrony or systemd-timesyncd")
        return
    yield ok("clock", f"kept right by a time server; {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}")


def hosts(config: Config) -> Iterator[Finding]:
    host = urlsplit(config.base_url).hostname or ""
    if host not in {name.strip("[]") for name in config.hosts}:
        yield fail("hosts", f"base_url is on {host}, which hosts does not name", f"add {host} to hosts")
    elif config.bind not in LOCAL and set(config.hosts) <= LOCAL:
        yield warn(
            "hosts", f"open on {config.bind}, but only {', '.join(config.hosts)} are answered", "name it in hosts"
        )
    else:
        yield ok("hosts", ", ".join(config.hosts))


def proxy(config: Config) -> Iterator[Finding]:
    """granian has no time limit for a request's body, so a few clients that send drop by drop hold every thread."""
    if config.bind not in LOCAL and not config.trusted_proxies:
        remedy = "put nginx or Caddy before it, which takes requests in whole, and name it in trusted_proxies"
        yield warn("proxy", f"the web server itself is open on {config.bind}: slow clients can hold it up", remedy)
        return
    yield ok("proxy", ", ".join(config.trusted_proxies) or "not needed: only this machine reaches the web server")


def dependencies(config: Config) -> Iterator[Finding]:
    packages = Path(str(distribution("flask").locate_file("")))
    days = (time.time() - max(each.stat().st_mtime for each in packages.glob("*.dist-info"))) / DAY
    if days > QUARTER_DAYS:
        yield warn("dependencies", f"last changed {days:.0f} days ago", "update leadcrm and its .venv (`make demo`)")
        return
    yield ok("dependencies", f"last changed {days:.0f} days ago")


def system_packages(config: Config) -> Iterator[Finding]:
    if Path("/run/reboot-required").exists():
        yield warn("system packages", "an update waits for a reboot", "reboot")
        return
    lists = Path("/var/lib/apt/lists")
    if not lists.exists():
        yield ok("system packages", "no apt here: the image's maker updates them")
        return
    days = (time.time() - lists.stat().st_mtime) / DAY
    if days > QUARTER_DAYS:
        yield warn("system packages", f"not looked at for {days:.0f} days", "apt-get update && apt-get upgrade")
        return
    yield ok("system packages", f"looked at {days:.0f} days ago")


def left_overs(config: Config) -> Iterator[Finding]:
    marks = STATE.glob("*/instance") if STATE.exists() else []
    orphans = [str(mark.parent) for mark in marks if not (Path(mark.read_text()) / "postgres" / "place.json").exists()]
    if orphans:
        yield warn("left-over data", f"databases of instances that are gone: {', '.join(orphans)}", "remove them")
        return
    yield ok("left-over data", "none")


CHECKS: tuple[Check, ...] = (python, disk, clock, hosts, proxy, dependencies, system_packages, left_overs)
