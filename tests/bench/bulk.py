"""What is done to many leads at once: ten thousand assigned and given back, and the manager's whole list as a file."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from leadcrm.bulk.models import Batch
from leadcrm.bulk.services import actions, batches, running
from leadcrm.core.db import session
from leadcrm.core.garbage import spare_what_is_there
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import Viewer, viewing_as
from leadcrm.exports import jobs
from leadcrm.exports.models import Export, Form
from leadcrm.exports.permissions import Exports
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.permissions import Leads
from leadcrm.leads.views import listed
from tests.bench.instance import Bench
from tests.bench.statements import viewer_of

ASSIGNED = 10_000
COLUMNS = ["goal", "stage", "mortgage_amount", "next_action", "owner", "label", "last_contact_at"]


@dataclass(frozen=True)
class Done:
    """A row of the table."""

    what: str
    leads: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.leads / self.seconds


def measured_bulk(made: Bench) -> Iterator[Done]:
    viewer = _with_rights(viewer_of(made.meg))
    with viewing_as(viewer):
        for what, condition in (("assign", Lead.owner_id.is_not(None)), ("assign new ones", Lead.owner_id.is_(None))):
            yield from _assigned(what, condition, made.ann.id)
        with _as_a_worker():
            for form in Form:
                yield _exported(viewer, form)


def _with_rights(viewer: Viewer) -> Viewer:
    rights = frozenset({str(Leads.ASSIGN), str(Leads.VIEW), str(Exports.MAKE)})
    return Viewer(viewer.scope, viewer.company_id, viewer.user_id, role="companymanager", permissions=rights)


def _assigned(what: str, condition: Any, owner_id: UUID) -> Iterator[Done]:
    """And back again, so that the next run finds what this one found."""
    wanted = select(Lead.id, Lead.reference).where(condition, Lead.owner_id.is_distinct_from(owner_id))
    leads = [(row.id, row.reference) for row in session.execute(wanted.order_by(Lead.id).limit(ASSIGNED))]
    action = actions.known("assign")
    if action is None or not leads:
        raise RuntimeError("nothing to assign")
    batch = batches.begin(action, {"owner": str(owner_id)}, len(leads))
    batches.gather(batch, leads)
    ident = batch.id
    checkpoint()
    yield Done(what, len(leads), _took(lambda: running.run(ident, lambda _batch: iter(()))))
    batches.begin_undo(session.scalars(select(Batch).where(Batch.id == ident)).one(), action)
    checkpoint()
    yield Done(f"{what}, undone", len(leads), _took(lambda: running.undo(ident)))


@contextmanager
def _as_a_worker() -> Iterator[None]:
    before = gc.get_threshold()
    spare_what_is_there()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _exported(viewer: Viewer, form: Form) -> Done:
    """All leads of the company: what a manager gets who exports the list as it opens."""
    state = listed.state_of("", viewer)
    export = Export(
        company_id=viewer.company_id, user_id=viewer.user_id, form=form, listed="", columns=COLUMNS,
        said=listed.count_of(state),
    )  # fmt: skip
    session.add(export)
    session.flush()
    ident = export.id
    checkpoint()
    seconds = _took(lambda: jobs.make(str(ident)))
    done = session.scalars(select(Export).where(Export.id == ident)).one()
    if done.rows != done.said:
        raise RuntimeError(f"export: {done.state} {done.problem}")
    result = Done(f"export {form.value}", done.rows, seconds)
    jobs.remove_file(done)
    session.delete(done)
    checkpoint()
    return result


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    checkpoint()
    return time.perf_counter() - began


def written(rows: list[Done]) -> Iterator[str]:
    yield "| many leads at once, with audit | leads | seconds | a second |"
    yield "|---|---|---|---|"
    for row in rows:
        yield f"| {row.what} | {row.leads:,} | {row.seconds:.1f} | {row.rate:,.0f} |"
