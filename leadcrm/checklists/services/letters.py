"""Mail to whoever works on a lead: in their own language, and without a client's name in it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.auth.models.people import Preference, User
from leadcrm.checklists.services.items import Item
from leadcrm.core import outbox
from leadcrm.core.config import current_config
from leadcrm.core.db import session
from leadcrm.core.fields.language import speaking


@contextmanager
def speaking_to(person: User) -> Iterator[None]:
    """Phrases and the words of facts in somebody's language."""
    chosen = session.scalar(select(Preference.language).where(Preference.id == person.id))
    with spoken(str(chosen or current_config().language)):
        yield


@contextmanager
def spoken(language: str) -> Iterator[None]:
    with force_locale(language), speaking(language):
        yield


def reader_of(lead: Any, otherwise: UUID | None) -> User | None:
    """Who works on the lead; while nobody does, who asked."""
    ident = lead.owner_id or otherwise
    found: User | None = session.get(User, ident) if ident else None
    return found if found is not None and found.active else None


def page_of(lead_id: UUID) -> str:
    return f"{current_config().base_url}/leads/{lead_id}"


def remind(reader: User, lead: Any, missing: Sequence[Item]) -> None:
    """What is missing of one lead. Names of people stay out of it: mail travels."""
    with speaking_to(reader):
        subject = ngettext(
            "%(reference)s: %(num)s document is missing", "%(reference)s: %(num)s documents are missing",
            len(missing), reference=lead.reference,
        )
        lines = [_("Still missing of lead %(reference)s:", reference=lead.reference), ""]
        lines += [f"- {item.name} ({item.state.label.lower()})" for item in missing]
        lines += ["", _("See the lead: %(address)s", address=page_of(lead.id))]
        outbox.send(reader.email, subject, "\n".join(lines), lead.company_id)
