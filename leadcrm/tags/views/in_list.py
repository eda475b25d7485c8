"""Tags in the list of leads: a column, and a filter that walks the index of one tag."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.queries.extras import Extra, Field
from leadcrm.leads.queries.lists import Column, Narrowing
from leadcrm.tags.models import Put, Tag
from leadcrm.tags.services.tags import all_tags, tag_of
from leadcrm.tags.views.mark import mark

MOST_SHOWN = 3  # in a cell
MOST_TAGS = 5  # at once in the filter
FILTER, COLUMN, ALL = "tag", "tags", "all"
WALKED = {"created": (Put.lead_created_at, Put.lead_id)}

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
        every = (ALL, str(_("All of these together")))
        return [Field(FILTER, self.label_of(FILTER), offered, several=True, besides=every)] if offered else []

    def narrowing(self, name: str, typed: str) -> Narrowing | None:
        """One that is gone takes the others along: without it, the list would be of other leads than were meant."""
        said = list(dict.fromkeys(typed.split(",")))
        tags = _tags(each for each in said if each != ALL)
        if tags is None:
            return None
        if not 0 < len(tags) <= MOST_TAGS:
            raise Invalid(_("Choose one tag at least, and %(most)s at most.", most=MOST_TAGS))
        every = ALL in said and len(tags) > 1
        label = self.label_of(name) if len(tags) == 1 else str(_("All of the tags") if every else _("Any of the tags"))
        parts = tuple((tag.name, _without(tag, tags, every)) for tag in tags)
        narrow = with_tag(tags[0].id) if len(tags) == 1 else with_every(tags) if every else with_any(tags)
        orders = WALKED if len(tags) == 1 or every else {}
        return Narrowing(name, label, ", ".join(tag.name for tag in tags), narrow, orders, parts)

    def label_of(self, name: str) -> str:
        return str(_("Tag"))


def _tags(said: Iterable[str]) -> list[Tag] | None:
    """Each once, those that were merged as what they are now; None when one is gone."""
    try:
        idents = [UUID(each) for each in said]
    except ValueError:
        return None
    session.scalars(select(Tag).where(Tag.id.in_(idents))).all()  # at once, for the looking up one by one
    found = [tag_of(ident) for ident in idents]
    there = list(dict.fromkeys(tag for tag in found if tag is not None))
    return None if None in found else there


def _without(tag: Tag, tags: Sequence[Tag], every: bool) -> str | None:
    """What is left in the address when the chip of one is taken away."""
    left = [str(each.id) for each in tags if each is not tag]
    return ",".join([*left, ALL] if every and len(left) > 1 else left) or None


def with_tag(tag_id: UUID) -> Callable[[Select[Any]], Select[Any]]:
    return lambda statement: statement.join(Put, _on).where(Put.tag_id == tag_id)


def with_every(tags: Sequence[Tag]) -> Callable[[Select[Any]], Select[Any]]:
    """The index of the first is walked; whether the others are there too is looked up by key."""
    first, *others = tags

    def narrow(statement: Select[Any]) -> Select[Any]:
        narrowed = with_tag(first.id)(statement)
        for tag in others:
            narrowed = narrowed.where(_has([tag]))
        return narrowed

    return narrow


def with_any(tags: Sequence[Tag]) -> Callable[[Select[Any]], Select[Any]]:
    return lambda statement: statement.where(_has(tags))


def _has(tags: Sequence[Tag]) -> ColumnElement[bool]:
    other = aliased(Put)
    its = and_(other.company_id == Lead.company_id, other.lead_id == Lead.id)
    return exists().where(its, other.tag_id.in_([tag.id for tag in tags])).correlate_except(other)
