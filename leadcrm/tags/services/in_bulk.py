"""Tags for many leads at once, as actions of the bulk plugin."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from leadcrm.bulk.models import Result
from leadcrm.bulk.services.actions import Action, Arguments, Asked, Outcome, Refused, register
from leadcrm.core import audit
from leadcrm.core.scope import signed_in_viewer
from leadcrm.tags.models import Tag
from leadcrm.tags.permissions import Tags
from leadcrm.tags.services import putting
from leadcrm.tags.services.tags import all_tags, tag_of

MOST_TAGS = 5  # of one action


def offered() -> Sequence[tuple[str, str]]:
    return [(str(tag.id), tag.name) for tag in all_tags()]


def read(typed: Mapping[str, Any]) -> Arguments:
    """The tags that are still there, with their names for the sentence on the button."""
    said = typed.get("tag") or []
    chosen = list(dict.fromkeys([said] if isinstance(said, str) else said))
    found = [tag for each in chosen[:MOST_TAGS] if (tag := _tag(each)) is not None]
    if not found or len(found) < len(chosen):
        raise Refused("tag", _("Choose one to five tags from the list."))
    return {"tag": [str(tag.id) for tag in found], "names": ", ".join(tag.name for tag in found)}


def _tag(typed: str) -> Tag | None:
    try:
        return tag_of(UUID(typed))
    except ValueError:
        return None


def put(lead_ids: list[UUID], arguments: Arguments, batch: UUID) -> list[Outcome]:
    tags = [tag for each in arguments["tag"] if (tag := _tag(each)) is not None]
    got = putting.write(putting.moments(lead_ids), [tag.id for tag in tags], batch) if tags else set()
    _note("tags.put many", batch, got, arguments)
    return _outcomes(lead_ids, got, _("It has this tag already."))


def take(lead_ids: list[UUID], arguments: Arguments, batch: UUID) -> list[Outcome]:
    gone: dict[UUID, list[str]] = {}
    for each in arguments["tag"]:
        for lead_id in putting.take_many(lead_ids, UUID(each)):
            gone.setdefault(lead_id, []).append(UUID(each).hex)
    _note("tags.taken many", batch, set(gone), arguments)
    return _outcomes(lead_ids, {lead: ",".join(tags) for lead, tags in gone.items()}, _("It did not have this tag."))


def _note(action: str, batch: UUID, leads: set[UUID], arguments: Arguments) -> None:
    if leads:
        company_id = signed_in_viewer().company_id
        audit.note(action, company_id=company_id, subject="tags_put", batch=str(batch), leads=len(leads),
                   changes={"tag": [None, arguments.get("names", "")]})  # fmt: skip


def _outcomes(lead_ids: Sequence[UUID], done: Any, otherwise: str) -> list[Outcome]:
    was = done if isinstance(done, dict) else dict.fromkeys(done)
    return [
        Outcome(lead_id, was=was[lead_id]) if lead_id in was else Outcome(lead_id, Result.SKIPPED, otherwise)
        for lead_id in lead_ids
    ]


def undo_put(done: dict[UUID, str | None], arguments: Arguments, batch: UUID) -> list[Outcome]:
    gone = putting.take_batch(list(done), batch)
    return [Outcome(lead_id, Result.UNDONE if lead_id in gone else Result.KEPT) for lead_id in done]


def undo_take(done: dict[UUID, str | None], arguments: Arguments, batch: UUID) -> list[Outcome]:
    """Each lead gets back what it had; tags that were removed since stay off."""
    back: set[UUID] = set()
    moments = dict(putting.moments(list(done)))
    by_tag: dict[UUID, list[UUID]] = {}
    for lead_id, was in done.items():
        for each in (was or "").split(","):
            if each and lead_id in moments:
                by_tag.setdefault(UUID(each), []).append(lead_id)
    for tag_id, leads in by_tag.items():
        if tag_of(tag_id) is not None:
            back |= putting.write([(lead_id, moments[lead_id]) for lead_id in leads], [tag_id])
    return [Outcome(lead_id, Result.UNDONE if lead_id in back else Result.KEPT) for lead_id in done]


def _says_put(count: int, arguments: Arguments) -> str:
    return _said(ngettext("Put %(tags)s on %(num)s lead", "Put %(tags)s on %(num)s leads", count, **_names(arguments)))


def _told_put(count: int, arguments: Arguments) -> str:
    return _said(
        ngettext("%(num)s lead has %(tags)s now.", "%(num)s leads have %(tags)s now.", count, **_names(arguments))
    )


def _says_take(count: int, arguments: Arguments) -> str:
    return _said(
        ngettext("Take %(tags)s off %(num)s lead", "Take %(tags)s off %(num)s leads", count, **_names(arguments))
    )


def _told_take(count: int, arguments: Arguments) -> str:
    return _said(
        ngettext("%(tags)s is off %(num)s lead.", "%(tags)s is off %(num)s leads.", count, **_names(arguments))
    )


def _names(arguments: Arguments) -> dict[str, str]:
    return {"tags": arguments.get("names", "")}


def _said(text: Any) -> str:
    return str(text)


TAG = (Asked("tag", lazy_gettext("Tag"), offered, several=True),)


def start() -> None:
    register(Action("tag", lazy_gettext("Put a tag on"), Tags.PUT, put, _says_put, _told_put, undo_put, fields=TAG,
                    read=read, icon="tag", order=30))  # fmt: skip
    register(Action("untag", lazy_gettext("Take a tag off"), Tags.PUT, take, _says_take, _told_take, undo_take,
                    fields=TAG, read=read, icon="tag-off", order=31))  # fmt: skip
