"""Norms with a date: what held when. A lead of December 2025 is judged by the rules of 2025."""

from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, UniqueConstraint, Uuid, true
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base
from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.money import Whole
from leadcrm.core.fields.terms import Choice, Terms
from leadcrm.core.fields.text import Text
from leadcrm.core.scope import Scoped, Viewer


class NormKey(Terms):
    NHG_LIMIT = "nhg_limit", "NHG-grens", "NHG limit"  # cents
    NHG_LIMIT_EBV = "nhg_limit_ebv", "NHG-grens met energiebesparing", "NHG limit with energy saving"  # cents
    NHG_FEE = "nhg_fee", "NHG-borgtochtprovisie", "NHG guarantee fee"  # basis points
    LTV_MOST = "ltv_most", "Hoogste LTV", "Highest LTV"  # basis points
    LTV_MOST_EBV = "ltv_most_ebv", "Hoogste LTV met energiebesparing", "Highest LTV with energy saving"  # basis points


class Norm(Scoped, Base):
    """One value of one norm with its validity and source. Seeded by a migration; everybody reads, nobody writes."""

    __tablename__ = "leads_norm"
    __table_args__ = (UniqueConstraint("key", "valid_from"),)
    may = "SELECT"

    id: Mapped[UUID] = technical(Uuid(), primary_key=True, default=uuid4)
    key: Mapped[NormKey] = field(
        Choice(NormKey), nl="Norm", en="Norm", category=Category.MORTGAGE, purpose=Purpose.OPERATION
    )
    value: Mapped[int] = field(
        Whole(0, 10**12), nl="Waarde", en="Value", category=Category.MORTGAGE, purpose=Purpose.OPERATION
    )
    valid_from: Mapped[date] = field(
        Date(), nl="Geldig vanaf", en="Valid from", category=Category.MORTGAGE, purpose=Purpose.OPERATION
    )
    valid_until: Mapped[date | None] = field(
        Date(), nl="Geldig tot en met", en="Valid until", category=Category.MORTGAGE, purpose=Purpose.OPERATION
    )
    source_nl: Mapped[str] = field(
        Text(255), nl="Bron", en="Source, in Dutch", category=Category.MORTGAGE, purpose=Purpose.OPERATION
    )
    source_en: Mapped[str] = field(
        Text(255), nl="Bron, in het Engels", en="Source", category=Category.MORTGAGE, purpose=Purpose.OPERATION
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return true()
