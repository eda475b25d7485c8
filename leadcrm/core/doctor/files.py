"""What lies in the instance folder, and who may read it."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from leadcrm.core.assets import DIST, Assets, NotBuilt
from leadcrm.core.config import ROOT, Config
from leadcrm.core.crypto import KeyProblem, Keyring
from leadcrm.core.doctor.report import Check, Finding, fail, ok, warn
from leadcrm.core.server import tls_files
from leadcrm.core.tls import TlsProblem, days_left

SECRETS = ("*.json", "keys/*", "tls/*.key", "postgres/superuser", "postgres/*.log*")
LEAST_DAYS = 14


def instance_folder(config: Config) -> Iterator[Finding]:
    folder = config.instance
    if not folder.is_dir():
        yield fail("instance folder", f"{folder} is missing", "run `leadcrm init`")
        return
    mode = folder.stat().st_mode & 0o777
    if mode & 0o022:
        yield fail("instance folder", f"{folder} can be changed by others ({mode:o})", f"chmod go-w {folder}")
        return
    yield ok("instance folder", f"{folder}, mode {mode:o}")


def keys(config: Config) -> Iterator[Finding]:
    try:
        newest = Keyring.load(config.instance / "keys").newest
    except KeyProblem as problem:
        yield fail("encryption keys", str(problem), "without them sealed values cannot be read")
        return
    yield ok(
        "encryption keys", f"number {newest} seals; keep a copy of {config.instance / 'keys'} apart from the backups"
    )


def secrets(config: Config) -> Iterator[Finding]:
    found = [file for pattern in SECRETS for file in config.instance.glob(pattern) if file.is_file()]
    own = [file for file in (config.tls_key, config.mail_password_file) if file]
    readable = [str(file) for file in (*found, *own) if file.stat().st_mode & 0o077]
    if readable:
        yield fail("secret files", f"others may read {', '.join(readable)}", f"chmod 600 {' '.join(readable)}")
        return
    yield ok("secret files", f"{len(found) + len(own)} files, for their owner only")


def nothing_in_git(config: Config) -> Iterator[Finding]:
    git = shutil.which("git")
    if not git or not (ROOT / ".git").exists() or not config.instance.is_relative_to(ROOT):
        yield ok("version control", "the instance lies outside any work tree of leadcrm")
        return
    listed = subprocess.run([git, "ls-files", config.instance], cwd=ROOT, capture_output=True, text=True).stdout.split()
    tracked = [name for name in listed if Path(name).name != ".gitignore"]
    if tracked:
        yield fail(
            "version control", f"git tracks {', '.join(tracked)}", "git rm --cached them, and change those secrets"
        )
        return
    yield ok("version control", "git tracks nothing of the instance")


def certificate(config: Config) -> Iterator[Finding]:
    try:
        files = tls_files(config)
    except TlsProblem as problem:
        yield fail("TLS certificate", str(problem), "give both files again, or none for the instance's own")
        return
    days = days_left(files.certificate)
    if days < 0:
        yield fail(
            "TLS certificate", f"{files.certificate} ended {-days:.0f} days ago", "renew it; the server takes it up"
        )
    elif days < LEAST_DAYS:
        yield warn(
            "TLS certificate", f"{files.certificate} ends in {days:.0f} days", "renew it; the server takes it up"
        )
    else:
        kind = "configured" if config.tls_certificate else "the instance's own"
        yield ok("TLS certificate", f"{kind}, {days:.0f} days left")


def assets(config: Config) -> Iterator[Finding]:
    try:
        names = Assets().manifest.values()
    except NotBuilt as problem:
        yield fail("styles and scripts", str(problem), "make assets")
        return
    missing = [facts["file"] for facts in names if not (DIST / facts["file"]).exists()]
    if missing:
        yield fail("styles and scripts", f"missing: {', '.join(missing)}", "make assets")
        return
    yield ok("styles and scripts", f"{len(names)} built files")


def demonstration(config: Config) -> Iterator[Finding]:
    open_to_others = config.bind not in ("127.0.0.1", "::1", "localhost") or bool(config.trusted_proxies)
    if (config.instance / "demo.json").exists() and open_to_others:
        yield fail("demonstration", f"accounts with known passwords, open on {config.bind}", "use a fresh instance")
        return
    yield ok("demonstration", "no demonstration accounts that others can reach")


CHECKS: tuple[Check, ...] = (instance_folder, keys, secrets, nothing_in_git, certificate, assets, demonstration)
