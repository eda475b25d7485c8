"""Tags in the list of leads: a column, and a filter that walks the index of one tag."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import Select, and_, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from leadcrm.leads.models.lead import Lead
from leadcrm.leads.queries.extras import Extra, Field
from leadcrm.leads.queries.lists import Column, Narrowing
from leadcrm.tags.models import Put, Tag
from leadcrm.tags.services.tags import all_tags, tag_of
from leadcrm.tags.views.mark import mark

MOST_SHOWN = 3  # in a cell
FILTER, COLUMN = "tag", "tags"

_on = and_(Put.company_id == Lead.company_id, Put.lead_id == Lead.id)
_its_tag = and_(Tag.company_id == Put.company_id, Tag.id == Put.tag_id, Tag.removed_at.is_(None))
# [[name, colour], …] of one lead; None when it has none
TAGS_OF_LEAD = (
    select(func.json_agg(aggregate_order_by(func.json_build_array(Tag.name, Tag.colour), Tag.word)))
    .select_from(Put).join(Tag, _its_tag).where(_on).correlate(Lead).scalar_subquery()
)  # fmt: skip


def cell(column: Column) -> Callable[[Any], Any]:
    def shown(row: Any) -> Any:
        tags = getattr(row, f"{COLUMN}_0")
        if not tags:
            return ""
        more = Markup(' <span class="quiet">+{}</span>').format(len(tags) - MOST_SHOWN) if tags[MOST_SHOWN:] else ""
        return Markup("").join([mark(name, colour) for name, colour in tags[:MOST_SHOWN]]) + more

    return shown


def words(column: Column) -> Callable[[Any], str]:
    return lambda row: ", ".join(name for name, _colour in getattr(row, f"{COLUMN}_0") or ())


class InList(Extra):
    def knows(self, name: str) -> bool:
        return name in (FILTER, COLUMN)

    def columns(self) -> Sequence[Column]:
        return [Column(COLUMN, (TAGS_OF_LEAD,), label=_("Tags"), plain=True, cell=cell, worded=words)]

    def fields(self) -> Sequence[Field]:
        offered = tuple((str(tag.id), tag.name) for tag in all_tags())
        return [Field(FILTER, self.label_of(FILTER), offered)] if offered else []

    def narrowing(self, name: str, typed: str) -> Narrowing | None:
        try:
            tag = tag_of(UUID(typed))
        except ValueError:
            return None
        orders = {"created": (Put.lead_created_at, Put.lead_id)}
        return Narrowing(name, self.label_of(name), tag.name, with_tag(tag.id), orders) if tag else None

    def label_of(self, name: str) -> str:
        return str(_("Tag"))


def with_tag(tag_id: UUID) -> Callable[[Select[Any]], Select[Any]]:
    return lambda statement: statement.join(Put, _on).where(Put.tag_id == tag_id)
