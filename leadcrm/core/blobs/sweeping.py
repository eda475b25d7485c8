"""What must go: files of which no row knows, rows whose files are doomed, uploads that nobody went on with.

A file goes to its place before the transaction that knows of it is committed. That transaction has written its row by
then, so it has a number in the database. Whoever sweeps lists the files first, waits until every transaction that was
writing at that moment has ended, and only then asks for the rows: a file without one is nobody's.
"""

from uuid import UUID

from sqlalchemy import select

from leadcrm.core.blobs import places
from leadcrm.core.blobs.models import Blob, State
from leadcrm.core.db import session
from leadcrm.core.jobs import job


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
    kept = select(Blob.id).where(Blob.company_id == UUID(company_id), Blob.id == ident)
    if session.scalar(kept) is None:
        places.path_of(ident).unlink(missing_ok=True)
        places.backend().remove(ident)
