"""The configuration as it was at the last start, to tell what changed."""

from sqlalchemy import ColumnElement, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped

from leadcrm.auth.models.platform import of_platform
from leadcrm.core.db import Base, CompanyRow
from leadcrm.core.fields.facts import Category, technical
from leadcrm.core.scope import Scope, Scoped, Viewer


class Setting(Scoped, CompanyRow, Base):
    """A key of the configuration at the last start; of a secret one only a keyed fingerprint. Jobs alone write it."""

    __tablename__ = "trail_setting"
    __table_args__ = (UniqueConstraint("company_id", "key"),)
    may = "SELECT, INSERT, UPDATE"

    key: Mapped[str] = technical(String(80), category=Category.SECURITY)
    value: Mapped[str] = technical(Text(), category=Category.SECURITY)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return of_platform(viewer) if viewer.scope == Scope.NONE else super().visible_to(viewer)

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        return super().visible_to(viewer)
