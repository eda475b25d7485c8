"""What lies in the instance folder, and who may read it."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from flask_babel import lazy_gettext as _

from leadcrm.core.assets import DIST, Assets, NotBuilt
from leadcrm.core.config import ROOT, Config
from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok, warn
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.keys.files import KeyProblem, masters_in
from leadcrm.core.keys.opening import key_folder, refuse_unsafe_keys
from leadcrm.core.server import tls_files
from leadcrm.core.tls import TlsProblem, days_left

SECRETS = ("*.json", "keys/*", "tls/*.key", "postgres/superuser", "postgres/*.log*")
LEAST_DAYS = 14
DAY = 86_400
KEY_DAYS = 3 * 366  # a master key older than this is due for rotation
BACKUP_HOURS = 26  # a daily one, and two hours


def instance_folder(subject: Subject) -> Outcome:
    folder = subject.config.instance
    if not folder.is_dir():
        return fail(_("it is missing"), _("run `leadcrm init`"), str(folder))
    mode = folder.stat().st_mode & 0o777
    if mode & 0o022:
        return fail(_("others may change it"), f"chmod go-w {folder}", f"{folder} {mode:o}")
    return ok(_("only its owner may change it (mode %(mode)s)", mode=f"{mode:o}"), str(folder))


def keys(subject: Subject) -> Outcome:
    config = subject.config
    try:
        refuse_unsafe_keys(config)
        masters = masters_in(key_folder(config))
    except KeyProblem as problem:
        remedy = _("restore them: without them sealed values cannot be read")
        return fail(_("they cannot be used"), remedy, str(problem))
    if config.key_command:
        return ok(_("companies' keys are wrapped by a command outside; values are sealed with AES-256-GCM"))
    if not masters:
        return fail(_("there are none"), _("restore them: without them sealed values cannot be read"))
    return ok(_("key %(number)d seals with AES-256-GCM; keep a copy apart from the backups", number=max(masters)))


def secrets(subject: Subject) -> Outcome:
    files = secret_files(subject.config)
    wrong = [str(file) for file in files if file.stat().st_mode & 0o077 or file.stat().st_uid not in (0, os.getuid())]
    if wrong:
        return fail(_("others may read or own them"), f"chmod 600 {' '.join(wrong)}", ", ".join(wrong))
    return ok(_("%(count)d files, for their owner only", count=len(files)))


def secret_files(config: Config) -> list[Path]:
    found = [file for pattern in SECRETS for file in config.instance.glob(pattern) if file.is_file()]
    found += [file for file in (config.key_folder.iterdir() if config.key_folder else ()) if file.is_file()]
    return [*found, *(file for file in (config.tls_key, config.mail_password_file) if file)]


def place_of_keys(subject: Subject) -> Outcome:
    """Neither below a served folder nor in anybody's work tree, where a commit would take them along."""
    bad = [str(place) for file in secret_files(subject.config) for place in _bad_places(file.resolve(), subject.config)]
    if bad:
        return fail(_("secrets lie where they may leave the machine"), _("move them"), ", ".join(sorted(set(bad))))
    return ok(_("outside every work tree and every served folder"))


def _bad_places(file: Path, config: Config) -> Iterator[Path]:
    if file.is_relative_to(DIST.parent.resolve()) or file.is_relative_to("/var/www"):
        yield file
    for folder in file.parents:
        tracked = (folder / ".git").exists() or (folder / ".svn").exists()
        if tracked and not (folder == ROOT and file.is_relative_to(config.instance.resolve())):
            yield folder


def age_of_keys(subject: Subject) -> Outcome:
    newest = max(file.stat().st_mtime for file in key_folder(subject.config).glob("master-*.key"))
    days = (time.time() - newest) / DAY
    found = _("the newest is %(days)d days old", days=days)
    if days > KEY_DAYS:
        return warn(found, "leadcrm keys rotate")
    return ok(found)


def nothing_in_git(subject: Subject) -> Outcome:
    git, instance = shutil.which("git"), subject.config.instance
    if not git or not (ROOT / ".git").exists() or not instance.is_relative_to(ROOT):
        return ok(_("the instance lies outside the program's work tree"))
    listed = subprocess.run([git, "ls-files", instance], cwd=ROOT, capture_output=True, text=True).stdout.split()
    tracked = [name for name in listed if Path(name).name != ".gitignore"]
    if tracked:
        return fail(_("git tracks secrets"), _("git rm --cached them, and change those secrets"), ", ".join(tracked))
    return ok(_("git tracks nothing of the instance"))


def certificate(subject: Subject) -> Outcome:
    try:
        files = tls_files(subject.config)
    except TlsProblem as problem:
        return fail(_("it cannot be used"), _("give both files again, or none for the instance's own"), str(problem))
    days = days_left(files.certificate)
    renew = _("renew it; the server takes the new one up by itself")
    if days < 0:
        return fail(_("it ended %(days)d days ago", days=-days), renew, str(files.certificate))
    if days < LEAST_DAYS:
        return warn(_("it ends in %(days)d days", days=days), renew, str(files.certificate))
    return ok(_("%(days)d days left", days=days), str(files.certificate))


def assets(subject: Subject) -> Outcome:
    try:
        names = Assets().manifest.values()
    except NotBuilt as problem:
        return fail(_("they are not built"), "make assets", str(problem))
    missing = [facts["file"] for facts in names if not (DIST / facts["file"]).exists()]
    if missing:
        return fail(_("some are missing"), "make assets", ", ".join(missing))
    return ok(_("%(count)d built files", count=len(names)))


def demonstration(subject: Subject) -> Outcome:
    config = subject.config
    open_to_others = config.bind not in ("127.0.0.1", "::1", "localhost") or bool(config.trusted_proxies)
    if (config.instance / "demo.json").exists() and open_to_others:
        remedy = _("begin with a fresh instance")
        return fail(_("accounts with known passwords that others can reach"), remedy, config.bind)
    return ok(_("no demonstration accounts that others can reach"))


def backup(subject: Subject) -> Outcome:
    """The marker is a file that the backup touches when it has ended well."""
    marker = subject.config.backup_marker
    remedy = _("make a daily backup of the database, keys apart from it, and let it touch `backup_marker`")
    if marker is None:
        return warn(_("nothing shows that backups are made"), remedy)
    if not marker.exists():
        return fail(_("no backup has ever ended well"), remedy, str(marker))
    hours = (time.time() - marker.stat().st_mtime) / 3600
    found = _("the last ended %(hours)d hours ago", hours=hours)
    return fail(found, remedy, str(marker)) if hours > BACKUP_HOURS else ok(found)


_kept = partial(Check, group=Group.KEYS)
CHECKS = (
    _kept("instance.folder", _("Folder of the instance"), look=instance_folder, clauses=("A10",)),
    _kept("keys.usable", _("Encryption keys"), look=keys, clauses=("A9", "A10")),
    _kept("keys.modes", _("Who may read secret files"), look=secrets, clauses=("A10",)),
    _kept("keys.place", _("Where secret files lie"), look=place_of_keys, clauses=("A10",)),
    _kept("keys.age", _("Age of the keys"), look=age_of_keys, clauses=("A9",)),
    _kept("instance.git", _("Version control"), look=nothing_in_git, clauses=("A10", "A17")),
    _kept("tls.file", _("Certificate file"), look=certificate, clauses=("A2",)),
    _kept("assets.built", _("Styles and scripts"), look=assets),
    _kept("instance.demonstration", _("Demonstration accounts"), look=demonstration, clauses=("A7",)),
    _kept("backup.fresh", _("Backups"), look=backup),
)
