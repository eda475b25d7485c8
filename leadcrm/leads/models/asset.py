"""What a household owns besides its home."""

from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.money import Money
from leadcrm.core.fields.sealed import Sealed
from leadcrm.core.fields.terms import Choice, YesNo
from leadcrm.core.fields.text import Text
from leadcrm.leads.models.of_lead import OfLead, to_lead, to_person
from leadcrm.leads.models.terms import AssetKind


class Asset(OfLead, Base):
    """Savings, investments and the like; of one person, or of the household when nobody is named."""

    __tablename__ = "leads_asset"
    __table_args__ = (to_lead(), to_person(), Index(None, "company_id", "lead_id"))

    person_id: Mapped[UUID | None] = technical(Uuid(), nl="Van", en="Of", category=Category.WEALTH)
    kind: Mapped[AssetKind] = field(
        Choice(AssetKind),
        nl="Vermogen",
        en="Asset",
        category=Category.WEALTH,
        personal=True,
        importable=True,
        required=True,
    )
    description: Mapped[str | None] = field(
        Text(120), nl="Omschrijving", en="Description", category=Category.WEALTH, personal=True, importable=True
    )
    amount: Mapped[Sealed | None] = field(
        Money(), nl="Waarde", en="Value", category=Category.WEALTH, sensitive=True, audited=True, importable=True
    )
    for_purchase: Mapped[bool | None] = field(
        YesNo(),
        nl="Inzetten als eigen geld",
        en="To be used as own funds",
        category=Category.WEALTH,
        personal=True,
        importable=True,
    )
