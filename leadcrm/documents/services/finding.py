"""Which documents: of a lead, by words and kind, those that need attention, those in the bin."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from leadcrm.documents.models.document import Document
from leadcrm.documents.models.terms import DocumentKind


def search(
    lead_id: UUID, words: str = "", kind: DocumentKind | None = None, *, removed: bool = False
) -> Select[tuple[Document]]:
    """All words must stand in the name; narrowed to what the viewer sees when it is run."""
    found = select(Document).where(Document.lead_id == lead_id, *_named(words))
    if kind is not None:
        found = found.where(Document.kind == kind)
    return found.where(Document.deleted_at.is_not(None) if removed else Document.deleted_at.is_(None))


def _named(words: str) -> list[ColumnElement[bool]]:
    return [Document.name.icontains(word, autoescape=True) for word in words.split()[:10]]


def expired(today: date) -> ColumnElement[bool]:
    any_date: Any = Document.expires_on
    return any_date < today
