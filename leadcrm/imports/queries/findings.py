"""What was found about the lines of a file."""

from collections.abc import Sequence

from sqlalchemy import case, select

from leadcrm.core.db import session
from leadcrm.imports.models import Chunk, Finding, FindingKind, Import

SHOWN = 25
_WORST_FIRST = case({FindingKind.ERROR: 0, FindingKind.DUPLICATE: 1}, value=Finding.kind, else_=2)


def first_findings(taken: Import) -> Sequence[Finding]:
    """The first of every kind, errors before duplicates before remarks."""
    asked = select(Finding).where(Finding.company_id == taken.company_id, Finding.import_id == taken.id)
    return session.scalars(asked.order_by(_WORST_FIRST, Finding.line, Finding.title).limit(SHOWN)).all()


def findings_of(chunk: Chunk) -> dict[int, list[str]]:
    """Why lines of a chunk were not imported, by line."""
    asked = select(Finding).where(
        Finding.company_id == chunk.company_id, Finding.import_id == chunk.import_id, Finding.chunk == chunk.number,
        Finding.kind != FindingKind.REMARK,
    )  # fmt: skip
    found: dict[int, list[str]] = {}
    for finding in session.scalars(asked.order_by(Finding.line, Finding.title)):
        message = f"{finding.title}: {finding.message}" if finding.title else finding.message
        found.setdefault(finding.line, []).append(message)
    return found
