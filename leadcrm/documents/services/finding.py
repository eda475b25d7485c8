"""Which documents: of a lead, by words and kind, and those in the bin."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from leadcrm.auth.models.people import User
from leadcrm.core.db import session
from leadcrm.core.paging import Page, Sort, capped_count, paginate
from leadcrm.documents.models.document import Document, Version
from leadcrm.documents.models.terms import DocumentKind
from leadcrm.leads.models.lead import Lead

PAGE = 25
NEWEST = Sort("created", Document.created_at, Document.id, descending=True)


def search(
    lead_id: UUID, words: str = "", kind: DocumentKind | None = None, *, removed: bool = False
) -> Select[Document]:
    """All words must stand in the name; narrowed to what the viewer sees when it is run."""
    found = select(Document).where(Document.lead_id == lead_id, *_named(words))
    if kind is not None:
        found = found.where(Document.kind == kind)
    return found.where(Document.deleted_at.is_not(None) if removed else Document.deleted_at.is_(None))


def _named(words: str) -> list[ColumnElement[bool]]:
    return [Document.name.icontains(word, autoescape=True) for word in words.split()[:10]]


def listed(statement: Select[Document], cursor: str | None, size: int = PAGE) -> Page:
    """A page, newest first; with each document the pages and picture of its newest version, and who added it."""
    its_version = and_(Version.company_id == Document.company_id, Version.document_id == Document.id)
    newest = and_(its_version, Version.number == Document.version)
    by = and_(User.company_id == Document.company_id, User.id == Document.added_by)
    shown = statement.outerjoin(Version, newest).outerjoin(User, by)
    shown = shown.add_columns(Version.pages, Version.thumbnail.is_not(None).label("pictured"), User.name.label("by"))
    return paginate(session, shown, NEWEST, cursor, size, statement)


def lead_of(lead_id: UUID) -> Lead | None:
    return session.scalars(select(Lead).where(Lead.id == lead_id, Lead.deleted_at.is_(None))).one_or_none()


def document_of(document_id: UUID, *, removed: bool = False) -> Document | None:
    """Of a lead that is there; in the bin only when asked for."""
    its_lead = and_(Lead.company_id == Document.company_id, Lead.id == Document.lead_id, Lead.deleted_at.is_(None))
    found = select(Document).join(Lead, its_lead).where(Document.id == document_id)
    return session.scalars(
        found.where(Document.deleted_at.is_not(None) if removed else Document.deleted_at.is_(None))
    ).one_or_none()


def in_bin(lead_id: UUID) -> int:
    return capped_count(session, search(lead_id, removed=True))


def all_of(statement: Select[Document]) -> Sequence[Document]:
    return session.scalars(statement.order_by(Document.created_at, Document.id)).all()


def leads_beside(lead: Lead, words: str, most: int = 10) -> list[Lead]:
    """Where a document of this lead may go: leads of the same owner, the newest first."""
    same_owner = Lead.owner_id == lead.owner_id if lead.owner_id else Lead.owner_id.is_(None)
    found = select(Lead).where(same_owner, Lead.id != lead.id, Lead.deleted_at.is_(None))
    for word in words.split()[:10]:
        named = Lead.household_name.icontains(word, autoescape=True)
        found = found.where(or_(named, Lead.reference.icontains(word, autoescape=True)))
    return list(session.scalars(found.order_by(Lead.created_at.desc(), Lead.id).limit(most)))
