"""The user PostgreSQL runs as: ourselves, or an unprivileged one when we are root."""

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadcrm.core.postgres.problems import PostgresProblem

CANDIDATES = ("leadcrm", "postgres", "nobody")


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int

    @property
    def drops(self) -> bool:
        """PostgreSQL must run as somebody else than we do."""
        return self.uid != os.geteuid()

    def popen_options(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.drops else {}

    def give(self, path: Path) -> None:
        if self.drops:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_enter(self, folder: Path) -> bool:
        """May the account pass through this folder and all above it?"""
        return all(self._may_search(each) for each in (folder, *folder.parents))

    def can_run(self, program: Path) -> bool:
        """Tried for real: modes alone do not tell of access lists and noexec mounts."""
        try:
            done = subprocess.run([program, "--version"], cwd="/", capture_output=True, **self.popen_options())
        except OSError:
            return False
        return done.returncode == 0

    def _may_search(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def account_for(instance: Path) -> Account:
    """As root: the owner of the instance, or the first unprivileged user there is."""
    if os.geteuid() != 0:
        return _myself()
    status = instance.stat()
    if status.st_uid != 0:
        return Account(str(status.st_uid), status.st_uid, status.st_gid)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise PostgresProblem("PostgreSQL does not run as root and there is no user `nobody`: add one named `leadcrm`")


def _myself() -> Account:
    # A container may run us under a number that has no name.
    return Account(str(os.geteuid()), os.geteuid(), os.getegid())
