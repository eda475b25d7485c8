"""What clients and advisers get by mail. Each goes in its reader's language."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from leadcrm.auth.models.people import Company, User
from leadcrm.checklists.services.letters import page_of, speaking_to, spoken
from leadcrm.collecting.models.link import Ask, Link
from leadcrm.core import outbox
from leadcrm.core.db import session
from leadcrm.core.fields.dates import OFFICE, Date


def noted(name: str) -> str:
    """For the timeline of the lead."""
    return str(_("Papers asked of %(name)s through a personal link.", name=name))


def delivered(name: str, files: int) -> str:
    return str(ngettext(
        "%(name)s delivered %(num)s file through the personal link.",
        "%(name)s delivered %(num)s files through the personal link.", files, name=name,
    ))  # fmt: skip


def adviser_of(link: Link) -> str:
    name: str | None = session.scalar(select(User.name).where(User.id == link.by_id)) if link.by_id else None
    return name or ""


def company_of(link: Link) -> str:
    return str(session.scalar(select(Company.name).where(Company.id == link.company_id)) or "")


def _send(link: Link, subject: str, lines: Sequence[str]) -> None:
    signed = [line for line in (adviser_of(link), company_of(link)) if line]
    body = "\n".join([_("Dear %(name)s,", name=link.name), "", *lines, "", _("Kind regards,"), *signed])
    outbox.send(link.email or "", subject, body + "\n", link.company_id)


def until(link: Link) -> str:
    return Date().show(link.expires_at.astimezone(OFFICE).date())


def send_link(link: Link, address: str) -> None:
    with spoken(str(link.language)):
        _send(link, _("Your papers for %(company)s", company=company_of(link)), [
            _("Through this link you send us your papers, safely and without an account:"), "", address, "",
            _("You need a code of six digits. Your adviser gives it to you by telephone. We never ask for it by mail."),
            _("The link works until %(day)s and is meant for you only.", day=until(link)),
            _("Please do not send papers by e-mail: that is not safe."),
        ])  # fmt: skip


def send_code(link: Link, code: str) -> None:
    with spoken(str(link.language)):
        _send(link, _("Your code for %(company)s", company=company_of(link)), [
            _("You have received a link from your adviser. On the page behind it you type this code:"), "", code, "",
            _("Do not give this code to anybody else. Did you not ask for it? Then call your adviser."),
        ])  # fmt: skip


def send_reminder(link: Link, address: str, missing: Sequence[Ask]) -> None:
    with spoken(str(link.language)):
        papers = [f"- {ask.name}" + (f" ({ask.who})" if ask.who else "") for ask in missing]
        _send(link, _("Reminder: your papers for %(company)s", company=company_of(link)), [
            _("We still miss these papers:"), "", *papers, "", _("You send them through this link:"), "", address, "",
            _("You need the same code as before. Have you lost it? Call your adviser for another one."),
            _("The link works until %(day)s.", day=until(link)),
        ])  # fmt: skip


def tell_arrived(reader: User, lead: UUID, reference: str, company_id: UUID, files: int) -> None:
    """Without names: mail travels."""
    with speaking_to(reader):
        subject = ngettext(
            "%(reference)s: %(num)s file delivered", "%(reference)s: %(num)s files delivered", files,
            reference=reference,
        )
        body = [
            _("The client delivered papers through the personal link."),
            _("They are checked first; after that you can open them."), "",
            _("See the lead: %(address)s", address=page_of(lead)),
        ]
        outbox.send(reader.email, subject, "\n".join(body), company_id)


def tell_locked(reader: User, lead: UUID, reference: str, company_id: UUID) -> None:
    with speaking_to(reader):
        subject = _("%(reference)s: a personal link is blocked", reference=reference)
        body = [
            _("A wrong code was typed ten times, so the link is blocked. Was it your client? Then give another code; "
              "otherwise revoke the link."), "",
            _("See the lead: %(address)s", address=page_of(lead)),
        ]  # fmt: skip
        outbox.send(reader.email, subject, "\n".join(body), company_id)
