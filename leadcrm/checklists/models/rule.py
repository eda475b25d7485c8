"""What a company asks for in its own way: a default changed, or something of its own."""

from sqlalchemy import ARRAY, ColumnElement, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from leadcrm.checklists.models.terms import Per, Situation
from leadcrm.core.db import Base, CompanyRow, Stamped
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.money import Whole
from leadcrm.core.fields.terms import Choice, YesNo
from leadcrm.core.fields.text import LongText, Text
from leadcrm.core.scope import Scope, Scoped, Viewer
from leadcrm.documents.models.terms import DocumentKind


class Rule(Scoped, CompanyRow, Stamped, Base):
    """Stands in the place of the default with the same key; a company that changed nothing has none of these."""

    __tablename__ = "checklists_rule"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]), UniqueConstraint("company_id", "key"),
    )

    key: Mapped[str] = technical(String(40), category=Category.PROCESS)
    kind: Mapped[DocumentKind] = field(
        Choice(DocumentKind, room=30), nl="Soort document", en="Kind of document", category=Category.PROCESS,
        required=True,
    )
    per: Mapped[Per] = field(
        Choice(Per, room=20), nl="Hoe vaak", en="How often", category=Category.PROCESS, required=True,
    )
    situation: Mapped[Situation] = field(
        Choice(Situation, room=30), nl="Wanneer", en="When", category=Category.PROCESS, required=True, audited=True,
    )
    goals: Mapped[list[str]] = technical(ARRAY(String(30)), nl="Doelen", en="Goals", category=Category.PROCESS)
    incomes: Mapped[list[str]] = technical(ARRAY(String(20)), nl="Inkomens", en="Incomes", category=Category.PROCESS)
    copies: Mapped[int] = field(
        Whole(1, 12), nl="Aantal", en="How many", category=Category.PROCESS, required=True,
        help_nl="Bijvoorbeeld 3 bij jaarcijfers van drie jaar.", help_en="For example 3 for accounts of three years.",
    )
    months: Mapped[int | None] = field(
        Whole(1, 120, "maanden", "months"), nl="Niet ouder dan", en="Not older than", category=Category.PROCESS,
    )
    name_nl: Mapped[str] = field(
        Text(80), nl="Naam voor de klant", en="Name for the client (Dutch)", category=Category.PROCESS, required=True,
    )
    name_en: Mapped[str | None] = field(
        Text(80), nl="Naam voor de klant, Engels", en="Name for the client, English", category=Category.PROCESS,
    )
    ask_nl: Mapped[str | None] = field(
        LongText(400), nl="Uitleg voor de klant", en="Explanation for the client (Dutch)", category=Category.PROCESS,
        help_nl="In gewone woorden: wat het is en waar men het vindt.",
        help_en="In plain words: what it is and where to find it.",
    )
    ask_en: Mapped[str | None] = field(
        LongText(400), nl="Uitleg voor de klant, Engels", en="Explanation for the client, English",
        category=Category.PROCESS,
    )
    active: Mapped[bool] = field(
        YesNo(), nl="Vragen", en="Ask for it", category=Category.PROCESS, required=True, audited=True, default=True,
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Everybody of the company works with it."""
        if viewer.scope in (Scope.OWN, Scope.COMPANY):
            return cls.company_id == viewer.company_id
        return super().visible_to(viewer)

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        if viewer.scope == Scope.COMPANY:
            return cls.company_id == viewer.company_id
        return super().visible_to(viewer)
