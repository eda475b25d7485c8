"""Files as they lie: in a place of their own, whole, and each known to a row."""

import shutil
from datetime import timedelta
from functools import partial
from itertools import islice
from uuid import uuid4

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from leadcrm.core.blobs import places, read, sweeping
from leadcrm.core.blobs.models import Blob, Spool, State
from leadcrm.core.blobs.problems import StorageAway, Tampered
from leadcrm.core.blobs.s3 import S3
from leadcrm.core.config import ConfigProblem
from leadcrm.core.crypto import CannotOpen
from leadcrm.core.db import now, session
from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok, warn
from leadcrm.core.doctor.subject import Subject

SAMPLE = 40  # blobs that are opened at both ends
LISTED = 10_000  # files that are held against the rows
MIB = 1024 * 1024
LATE = timedelta(hours=2)  # by then the sweep should have been there
REPAIR = _("run `leadcrm doctor --repair`")


def place(subject: Subject) -> Outcome:
    try:
        places.refuse_unsafe_place(subject.config)
    except ConfigProblem as problem:
        return fail(_("not a place for clients' files"), _("choose another `blob_folder`, or mend it"), str(problem))
    backend = places.backend()
    if isinstance(backend, S3):
        return bucket(backend)
    folder = places.folder_of(subject.config)
    if not folder.is_dir():
        return ok(_("no file has been kept yet"), str(folder))
    open_to_others = [path for path in islice(folder.rglob("*"), LISTED) if path.stat().st_mode & 0o077]
    if open_to_others:
        remedy = f"chmod -R go-rwx {folder}"
        return fail(_("others may read some of them"), remedy, ", ".join(map(str, open_to_others[:5])))
    return ok(_("for their owner only, encrypted, outside every served folder"), str(folder))


def bucket(backend: S3) -> Outcome:
    try:
        if backend.open_to_strangers():
            return fail(_("anybody may list what is in it"), _("close the bucket to the public"))
        next(backend.listed(), None)
    except StorageAway as problem:
        return fail(_("it does not let us in"), _("see the s3_ settings"), str(problem))
    return ok(_("in a bucket, encrypted before they leave; strangers may not list it"))


def room(subject: Subject) -> Outcome:
    folder, least = places.folder_of(subject.config), subject.config.keep_free_mb
    usage = shutil.disk_usage(folder if folder.is_dir() else subject.config.instance)
    found = _("%(mib)d MiB free; below %(least)d files are refused", mib=usage.free // MIB, least=least)
    if usage.free < least * MIB:
        return fail(found, _("make room: uploads are refused now"))
    return warn(found, _("make room soon")) if usage.free < 10 * least * MIB else ok(found)


def sound(subject: Subject) -> Outcome:
    """Some of all, and the newest: both ends open, so that none is gone, cut off or another's."""
    blobs = _some()
    wrong = [f"{blob.id}: {said}" for blob in blobs if (said := _what_is_wrong(blob))]
    if wrong:
        remedy = _("restore them from the backup of the files that belongs to this database")
        return fail(_("%(count)d of %(tried)d are not as they were kept", count=len(wrong), tried=len(blobs)), remedy,
                    ", ".join(wrong[:5]))  # fmt: skip
    return ok(_("%(count)d tried: each is there and opens", count=len(blobs)))


def _some() -> list[Blob]:
    kept = select(Blob).where(Blob.state == State.KEPT).limit(SAMPLE // 2)
    newest, sampled = kept.order_by(Blob.made_at.desc()), kept.where(Blob.id > uuid4()).order_by(Blob.id)
    return list({blob.id: blob for each in (newest, sampled) for blob in session.scalars(each)}.values())


def _what_is_wrong(blob: Blob) -> str:
    try:
        for part in ((0, 1), (blob.size - 1, blob.size)):
            for _piece in read(blob, max(0, part[0]), max(0, part[1])):
                pass
    except (Tampered, StorageAway, CannotOpen) as problem:
        return str(problem)
    return ""


def nobodys(subject: Subject) -> Outcome:
    strays = sum(1 for _stray in sweeping.strays(LISTED))
    if strays:
        return warn(_("%(count)d files that no row knows", count=strays), REPAIR)
    expired = session.scalar(select(func.count()).select_from(Spool).where(Spool.expires_at < now() - LATE))
    if expired:
        return warn(_("%(count)d uploads have expired and are still there", count=expired), REPAIR)
    return ok(_("every file is known"))


_stored = partial(Check, group=Group.KEYS)
CHECKS = (
    _stored("blobs.place", _("Where files lie"), look=place, clauses=("A6",)),
    _stored("blobs.room", _("Room for files"), look=room),
    _stored("blobs.sound", _("Files as they were kept"), look=sound, clauses=("A6", "A9")),
    _stored("blobs.known", _("Files that nobody knows"), look=nobodys),
)
