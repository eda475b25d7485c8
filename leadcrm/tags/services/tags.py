"""The tags of a company: adding, renaming, removing and merging them, and taking that back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import exists, func, literal_column, select, update
from sqlalchemy.orm import aliased

from leadcrm.core.claims import claiming
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import signed_in_viewer
from leadcrm.tags.models import WORD_TAKEN, Put, Tag

MOST = 200  # tags of a company: more than that nobody keeps apart
MOST_COUNTED = 1_000
MOST_MERGES = 5  # one after another, that an old link is followed through
AT_ONCE = 2_000  # of a merge, in one transaction
TAKEN = {WORD_TAKEN: _("There is a tag of this name already.")}


def word_of(name: str) -> str:
    """Names that differ in capitals and spaces only are one tag."""
    return " ".join(name.split()).casefold()


def all_tags() -> Sequence[Tag]:
    return session.scalars(select(Tag).where(Tag.removed_at.is_(None)).order_by(Tag.word, Tag.id)).all()


def tag_of(tag_id: UUID) -> Tag | None:
    """One that is in use; what was merged is what it was merged into."""
    tag: Tag | None = session.get(Tag, tag_id)
    for _step in range(MOST_MERGES):
        if tag is not None and tag.removed_at is not None and tag.merged_into is not None:
            tag = session.get(Tag, tag.merged_into)
    return tag if tag is not None and tag.removed_at is None else None


def counts() -> dict[UUID, int]:
    """On how many leads each tag is, counted up to a cap: one stretch of an index for each."""
    some: Any = select(literal_column("1")).where(Put.company_id == Tag.company_id, Put.tag_id == Tag.id)
    capped = some.correlate(Tag).limit(MOST_COUNTED + 1).subquery().lateral()
    many = select(func.count()).select_from(capped).scalar_subquery()
    counted = session.execute(select(Tag.id, many).where(Tag.removed_at.is_(None)))
    return {row[0]: row[1] for row in counted}


def add(values: Mapping[str, Any]) -> Tag:
    """Raises Invalid for a name that is taken, and when there are too many."""
    if len(all_tags()) >= MOST:
        raise Invalid(_("There are %(most)s tags already. Merge or remove some first.", most=MOST))
    tag = Tag(company_id=signed_in_viewer().company_id, word=word_of(values["name"]), **values)
    with claiming(TAKEN):
        session.add(tag)
    return tag


def change(tag: Tag, values: Mapping[str, Any]) -> None:
    with claiming(TAKEN):
        for name, value in values.items():
            setattr(tag, name, value)
        tag.word = word_of(tag.name)


def remove(tag: Tag) -> None:
    """Off every lead and out of every menu. What was put stays, so that all of it can be taken back."""
    tag.removed_at = now()


def merge(tag: Tag, into: Tag) -> bool:
    """Leads with the one get the other. False when there are so many that a job has to go on with it."""
    tag.removed_at, tag.merged_into = now(), into.id
    session.flush()
    return move_some(tag) < AT_ONCE


def move_some(tag: Tag) -> int:
    """Some of what was put, to the tag it was merged into. A lead that has both keeps both: one is not shown."""
    other = aliased(Put)
    has_both = exists().where(
        other.company_id == Put.company_id, other.lead_id == Put.lead_id, other.tag_id == tag.merged_into
    )
    mine = select(Put.id).where(Put.company_id == tag.company_id, Put.tag_id == tag.id, ~has_both).limit(AT_ONCE)
    ids = session.scalars(mine).all()
    _give(ids, tag_id=tag.merged_into, merged_from=tag.id)
    return len(ids)


def _give(ids: Sequence[UUID], **values: Any) -> None:
    chosen = update(Put).where(Put.id.in_(ids)) if ids else None
    if chosen is not None:
        session.execute(chosen.values(values).execution_options(synchronize_session=False))


def finish_merging(tag_id: UUID) -> None:
    """The rest of a large merge, part by part; ends when somebody took it back meanwhile."""
    locked = select(Tag).where(Tag.id == tag_id).with_for_update()  # who takes it back waits for the part under way
    while (tag := session.scalar(locked)) is not None and tag.merged_into is not None:
        if not move_some(tag):
            return
        checkpoint()


def bring_back(tag: Tag) -> None:
    """As it was before it was removed or merged. Raises Invalid when its name was given to another since."""
    merged = tag.merged_into
    with claiming(TAKEN):
        tag.removed_at = tag.merged_into = None
    if merged is not None:
        moved = update(Put).where(Put.company_id == tag.company_id, Put.tag_id == merged, Put.merged_from == tag.id)
        back = moved.values(tag_id=tag.id, merged_from=None)
        session.execute(back.execution_options(synchronize_session=False))
