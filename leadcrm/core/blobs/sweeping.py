"""What must go: files of which no row knows, rows whose files are doomed, uploads that nobody went on with.

A file goes to its place before the transaction that knows of it is committed. That transaction has written its row by
then, so the database knows that it is at work. Whoever sweeps lists the files first, waits until every transaction that
was writing at that moment has ended, and only then asks for the rows: a file without one is nobody's.
"""

import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from leadcrm.core.blobs import places
from leadcrm.core.blobs.backends import ident_of
from leadcrm.core.blobs.models import Blob, Spool, State
from leadcrm.core.db import now, session
from leadcrm.core.jobs import Rank, checkpoint, job
from leadcrm.core.jobs_steps import walked

AT_ONCE = 1_000
DOOMED_AT_ONCE = 100  # of which each may be a question to a bucket
PATIENCE = 60.0  # seconds that writers are waited for
SHORT_PATIENCE = 1.0  # of upkeep, which rather comes back
PARTS = [f"{number:02x}" for number in range(256)]  # of all ids, by their first two digits
MOMENT = text("SELECT pg_current_xact_id()::text::numeric")  # later than of whoever writes now; a snapshot's end is not
OLDEST = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::numeric")

log = logging.getLogger("leadcrm")


class StillWriting(RuntimeError):
    """A transaction takes long; what it may be making cannot be told from what nobody made."""


@dataclass
class Swept:
    """How many were removed of each."""

    expired: int = 0
    doomed: int = 0
    orphans: int = 0
    left: int = 0  # of uploads that do not exist

    @property
    def total(self) -> int:
        return self.expired + self.doomed + self.orphans + self.left


@job(queue="default", retries=5, reason="a file is removed for good after who had it removed has gone")
def remove_doomed(company_id: str, blob_id: str) -> None:
    found = select(Blob).where(Blob.company_id == UUID(company_id), Blob.id == UUID(blob_id))
    blob = session.scalar(found.where(Blob.state == State.DOOMED).with_for_update())
    if blob is not None:
        session.delete(blob)
        session.flush()  # what still points to it says so now
        places.backend().remove(blob.id)


@job(queue="default", retries=5, reason="what came in of an upload is removed after it was dropped")
def forget(company_id: str, spool_id: str) -> None:
    ident = UUID(spool_id)
    if not _known({ident}):
        places.path_of(ident).unlink(missing_ok=True)
        places.backend().remove(ident)


@job(queue="default", cron="17 * * * *", rank=Rank.UPKEEP, reason="uploads that expired are removed, of every company")
def sweep() -> bool:
    expired = _expired_some()
    _told(Swept(expired=expired))
    return expired > 0 or walked("core.doomed", _remove_doomed_after)


@job(
    queue="default", cron="49 2 * * *", rank=Rank.UPKEEP,
    reason="files that nobody knows of are removed, of every company",
)
def sweep_all() -> bool:
    """Looks at every file there is, so only at night. Behind a transaction that takes long it tries again."""
    try:
        return walked("core.strays", _sweep_part)
    except StillWriting:
        session.rollback()
        return True


def _sweep_part(done: str | None) -> str | None:
    """The files whose ids begin with the next two digits; at last those that were on their way in."""
    part = PARTS[PARTS.index(done) + 1] if done else PARTS[0]
    _told(Swept(orphans=_orphans(part, SHORT_PATIENCE)))
    if part != PARTS[-1]:
        return part
    _told(Swept(left=_left_on_the_way(SHORT_PATIENCE)))
    return None


def _told(swept: Swept) -> None:
    if swept.total:
        log.info("swept: %s", swept)


def sweep_now() -> Swept:
    """Safe while everything runs. Raises StillWriting."""
    return Swept(_expired(), _doomed(), _orphans(), _left_on_the_way())


def _expired() -> int:
    done = 0
    while some := _expired_some():
        done += some
    return done


def _expired_some() -> int:
    """The row first: killed in between, the file is one that no row knows."""
    overdue = select(Spool).where(Spool.expires_at < now()).limit(AT_ONCE).with_for_update(skip_locked=True)
    spools = session.scalars(overdue).all()
    ids = [spool.id for spool in spools]
    for spool in spools:
        session.delete(spool)
    checkpoint()
    for ident in ids:
        places.path_of(ident).unlink(missing_ok=True)
    return len(ids)


def _doomed() -> int:
    return _removed(session.execute(select(Blob.company_id, Blob.id).where(Blob.state == State.DOOMED)).all())


def _remove_doomed_after(place: str | None) -> str | None:
    """The next ones by id, since one that cannot be removed yet stays."""
    some = select(Blob.company_id, Blob.id).where(Blob.state == State.DOOMED).order_by(Blob.id).limit(DOOMED_AT_ONCE)
    rows = session.execute(some.where(Blob.id > UUID(place)) if place else some).all()
    _told(Swept(doomed=_removed(rows)))
    return str(rows[-1].id) if rows else None


def _removed(rows: Sequence[Any]) -> int:
    """Those that their own job did not remove: it failed, or was lost."""
    done = 0
    for company_id, ident in rows:
        checkpoint()
        try:
            remove_doomed(str(company_id), str(ident))
            done += 1
        except IntegrityError:
            session.rollback()
            log.warning("blob %s is doomed, and something still points to it", ident)
    checkpoint()
    return done


def strays(most: int | None = None, part: str = "", patience: float | None = None) -> Iterator[UUID]:
    """Files in the backend that no row knows; `most`: among so many that are looked at."""
    for ids in _in_batches(found.id for found in islice(places.backend().listed(part), most)):
        _wait_for_writers(patience)
        yield from ids - _known(ids)


def _orphans(part: str = "", patience: float | None = None) -> int:
    done = 0
    for ident in strays(None, part, patience):
        places.backend().remove(ident)
        done += 1
    return done


def _left_on_the_way(patience: float | None = None) -> int:
    """Files on their way in that are no upload's, and that nobody is writing."""
    names = {path.name: path for path in places.coming_in().iterdir()}
    files = {ident: path for name, path in names.items() if (ident := ident_of(name)) is not None}
    done = 0
    for ids in _in_batches(files):
        _wait_for_writers(patience)
        for ident in ids - _uploads(ids):
            done += _removed_unless_written(files[ident])
        checkpoint()
    return done


def _removed_unless_written(path: Path) -> bool:
    """Who keeps a file holds its lock until it has moved away (store.py)."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        flock(handle, LOCK_EX | LOCK_NB)
        path.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    finally:
        os.close(handle)
    return True


def _known(ids: set[UUID]) -> set[UUID]:
    """Those that are a blob, or an upload whose file was moved before a transaction that was not kept."""
    return set(session.scalars(select(Blob.id).where(Blob.id.in_(ids)))) | _uploads(ids)


def _uploads(ids: set[UUID]) -> set[UUID]:
    return set(session.scalars(select(Spool.id).where(Spool.id.in_(ids))))


def _wait_for_writers(patience: float | None) -> None:
    limit = time.monotonic() + (PATIENCE if patience is None else patience)
    moment = session.execute(MOMENT).scalar_one()
    checkpoint()  # or we would be waiting for ourselves
    while session.execute(OLDEST).scalar_one() < moment:
        if time.monotonic() > limit:
            raise StillWriting("a transaction has been writing for too long: sweep again later")
        time.sleep(0.1)


def _in_batches(ids: Iterable[UUID]) -> Iterator[set[UUID]]:
    rest = iter(ids)
    while batch := set(islice(rest, AT_ONCE)):
        yield batch

