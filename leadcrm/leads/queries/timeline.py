"""What happened with a lead, a page at a time, newest first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import Select, and_, select

from leadcrm.auth.models.people import User
from leadcrm.core.db import session
from leadcrm.core.paging import Sort, paginate
from leadcrm.leads.models.timeline import Entry, EntryKind

SIZE = 20
NEWEST_FIRST = Sort("at", Entry.at, Entry.id, descending=True)


@dataclass(frozen=True)
class Filter:
    label: LazyString
    kinds: tuple[EntryKind, ...]


FILTERS: Mapping[str, Filter] = {
    "notes": Filter(_("Notes"), (EntryKind.NOTE,)),
    "calls": Filter(_("Calls"), (EntryKind.CALL,)),
    "plans": Filter(_("Tasks and appointments"), (EntryKind.TASK, EntryKind.ACTION, EntryKind.APPOINTMENT)),
    "changes": Filter(
        _("Changes"), (EntryKind.STAGE, EntryKind.ASSIGNED, EntryKind.CHANGED, EntryKind.CONSENT)
    ),
}  # fmt: skip


@dataclass
class Line:
    """An entry, who made it, and what replaced its text since, the last of which holds."""

    entry: Entry
    by: str | None
    amendments: Sequence[Entry] = field(default=())

    @property
    def words(self) -> str | None:
        return self.amendments[-1].text if self.amendments else self.entry.text

    @property
    def taken_back(self) -> bool:
        return bool(self.amendments) and self.amendments[-1].text is None

    @property
    def earlier(self) -> list[Entry]:
        """What was written before, the oldest first."""
        return [each for each in (self.entry, *self.amendments)[:-1] if each.text]


@dataclass(frozen=True)
class Stretch:
    lines: Sequence[Line]
    older: str | None


def stretch(lead_id: UUID, kind: str = "", cursor: str | None = None) -> Stretch:
    """Two statements, the second only when something on the page was mended."""
    by = and_(User.company_id == Entry.company_id, User.id == Entry.by_id)
    wanted: Select[*tuple[Any, ...]] = select(Entry, User.name).outerjoin(User, by)
    wanted = wanted.where(Entry.lead_id == lead_id, Entry.amends_id.is_(None))
    if kind in FILTERS:
        wanted = wanted.where(Entry.kind.in_(FILTERS[kind].kinds))
    page = paginate(session, wanted, NEWEST_FIRST, cursor, SIZE)
    lines = [Line(row[0], row[1]) for row in page.rows]
    since = _amendments(line.entry.id for line in lines if line.entry.kind in AMENDED)
    for line in lines:
        line.amendments = since.get(line.entry.id, ())
    return Stretch(lines, page.older)


AMENDED = frozenset({EntryKind.NOTE, EntryKind.CALL, EntryKind.ACTION})


def _amendments(ids: Iterable[UUID]) -> dict[UUID, list[Entry]]:
    known, found = list(ids), defaultdict[Any, list[Entry]](list)
    if known:
        for each in session.scalars(select(Entry).where(Entry.amends_id.in_(known)).order_by(Entry.at, Entry.id)):
            found[each.amends_id].append(each)
    return found


def line_of(lead_id: UUID, entry_id: UUID) -> Line | None:
    """One entry of this lead as it stands now."""
    wanted = select(Entry).where(Entry.id == entry_id, Entry.lead_id == lead_id, Entry.amends_id.is_(None))
    entry: Any = session.scalars(wanted).one_or_none()
    return Line(entry, None, _amendments([entry.id]).get(entry.id, ())) if entry is not None else None
