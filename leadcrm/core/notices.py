"""What managers and admins must hear of: kept for the bell of the page; the watch plugin sends it on by mail.

alert() may be called by anybody, also before there is a viewer: a definer function adds the row. The text is kept in
both languages and holds no personal value. The same thing again within an hour only counts.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Index,
    Integer,
    Select,
    String,
    Text,
    Uuid,
    and_,
    exists,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.orm import Mapped

from leadcrm.core.db import PLATFORM_ID, Base, CompanyRow, now, session
from leadcrm.core.fields.facts import Category, technical
from leadcrm.core.fields.language import in_dutch
from leadcrm.core.scope import Scope, Scoped, Viewer, signed_in_viewer

SHOWN_DAYS = 90


class Notice(Scoped, CompanyRow, Base):
    """Something that a company's managers, and the platform's admins, must hear of. Only core_notice_add() adds."""

    __tablename__ = "core_notice"
    __table_args__ = (Index(None, "company_id", "at", "id"), Index(None, "at", "id"))
    may = "SELECT"

    at: Mapped[datetime] = technical(DateTime(timezone=True), nl="Tijd", en="Time", category=Category.SECURITY)
    kind: Mapped[str] = technical(String(40), nl="Soort", en="Kind", category=Category.SECURITY)
    about: Mapped[str] = technical(String(80), category=Category.SECURITY)
    nl: Mapped[str] = technical(Text(), nl="Tekst", en="Text", category=Category.SECURITY)
    en: Mapped[str] = technical(Text(), nl="Tekst (Engels)", en="Text (English)", category=Category.SECURITY)
    url: Mapped[str] = technical(String(300), category=Category.SECURITY)
    times: Mapped[int] = technical(Integer(), nl="Aantal", en="Times", category=Category.SECURITY)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case Scope.NONE:
                return literal(PLATFORM_ID, Uuid()) == viewer.company_id
            case _:
                return super().visible_to(viewer)

    @property
    def text(self) -> str:
        return self.nl if in_dutch() else self.en


class NoticeSeen(Scoped, CompanyRow, Base):
    """Somebody has read a notice. An admin reads other companies' too, so it refers to no row of a company."""

    __tablename__ = "core_notice_seen"
    __table_args__ = (Index(None, "user_id", "notice_id", unique=True),)
    may = "SELECT, INSERT"

    user_id: Mapped[UUID] = technical(Uuid(), category=Category.SECURITY)
    notice_id: Mapped[UUID] = technical(Uuid(), category=Category.SECURITY)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        if viewer.scope in (Scope.COMPANY, Scope.NONE):
            return and_(cls.company_id == viewer.company_id, cls.user_id == viewer.user_id)
        return super().visible_to(viewer)


def alert(kind: str, company_id: UUID, text: Any, *, url: str = "", about: str = "", on: Any = None) -> bool:
    """Tell a company's managers and the admins. `text` is lazy, so that each reads it in their own language.

    `url` is a path of ours. False: the same kind about the same thing was told within the hour, so it was only counted.
    """
    if url and (url[0] != "/" or url[:2] == "//"):
        raise ValueError(f"{url} is no path of ours")
    with force_locale("nl"):
        nl = str(text)
    with force_locale("en"):
        en = str(text)
    added = func.core_notice_add(company_id, kind[:40], about[:80], nl, en, url[:300])
    return bool((on or session).execute(select(added)).scalar_one())


AT_OPENING = "unread notices"


def unread_at_opening(opened: Any) -> ColumnElement[Any]:
    """How many of unread() there are, for the opening of a session: the bell of every page costs no round trip."""
    days = literal_column(str(SHOWN_DAYS), Integer)
    count: ColumnElement[Any] = func.core_notices_unread(opened.company_id, opened.user_id, opened.role, days)
    return count


def count_unread() -> int:
    """At most one more than the bell can show; known since the session was opened."""
    return int(getattr(signed_in_viewer(), "asked", {}).get(AT_OPENING) or 0)


def unread() -> Select[Any]:
    """The notices of the last months that the viewer has not read, newest first."""
    mine = NoticeSeen.user_id == signed_in_viewer().user_id
    seen = exists().where(NoticeSeen.notice_id == Notice.id, mine)
    recent = Notice.at > now() - timedelta(days=SHOWN_DAYS)
    return select(Notice.id).where(recent, ~seen).order_by(Notice.at.desc(), Notice.id.desc())


def mark_read(ids: list[UUID]) -> None:
    """Those among them that the viewer sees and has not read."""
    viewer = signed_in_viewer()
    wanted = session.scalars(unread().where(Notice.id.in_(ids)) if ids else unread().limit(1000)).all()
    session.add_all(NoticeSeen(company_id=viewer.company_id, user_id=viewer.user_id, notice_id=each) for each in wanted)
