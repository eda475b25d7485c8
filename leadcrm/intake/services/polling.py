"""Mails become arrivals: of the folders that companies named, and of what is piped to `leadcrm intake mail`."""

from uuid import UUID, uuid4

from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.core import audit
from leadcrm.core.config import current_config
from leadcrm.core.db import now, session
from leadcrm.core.jobs import checkpoint
from leadcrm.core.mailing import Server
from leadcrm.core.reveal import peek
from leadcrm.intake.models.arrival import Arrival
from leadcrm.intake.models.inlet import Inlet, Mailbox
from leadcrm.intake.models.terms import State, Way
from leadcrm.intake.services import content as contents
from leadcrm.intake.services import imap, letters, secrets
from leadcrm.intake.services.content import Content


def of_inlet(inlet_id: UUID) -> Mailbox | None:
    found: Mailbox | None = session.scalars(select(Mailbox).where(Mailbox.inlet_id == inlet_id)).one_or_none()
    return found


def keep(mailbox: Mailbox, password: str | None) -> None:
    """New settings count as untried. Without a password the kept one stays, but for the same server only."""
    if password is not None:
        mailbox.password = password  # type: ignore[assignment]  # plain: sealed at the flush
        audit.note("intake.mailbox password set", mailbox)
    mailbox.problem = mailbox.problem_at = None
    mailbox.uid_validity, mailbox.last_uid = None, 0
    session.add(mailbox)


def words_for(problem: str) -> str:
    """What went wrong and what to do about it."""
    return str({
        "not_allowed": _("This server is not a public mail server. Check its name and port (993)."),
        "unknown_host": _("There is no server with this name. Check how it is written."),
        "certificate": _("The server's certificate is not valid for this name, so nothing was read. Check the name, or "
                         "ask your mail provider."),
        "tls": _("The server does not offer TLS on this port. Try 993."),
        "password": _("The server does not accept this user name and password. Type them again; some providers want a "
                      "separate password for programs."),
        "folder": _("There is no such folder. INBOX is the one where mail arrives."),
        "no_answer": _("The server does not answer. Check its name and port, and try again later."),
    }.get(problem, _("The server refused to be read. Ask your mail provider why.")))


def server_of(mailbox: Mailbox) -> Server:
    config = current_config()
    return Server(
        mailbox.host, mailbox.port, "tls", mailbox.username, peek(mailbox, "password"), config.mail_ca_file,
        guarded=True, inside=config.company_mail_networks,
    )


def poll_all() -> int:
    """Whose turn it is longest ago first. One that does not answer holds up the others for some seconds only."""
    taken = 0
    active = select(Mailbox.id).join(Inlet, (Inlet.company_id == Mailbox.company_id) & (Inlet.id == Mailbox.inlet_id))
    waiting = active.where(Mailbox.active, Inlet.active).order_by(Mailbox.polled_at.asc().nulls_first())
    for ident in session.scalars(waiting).all():
        mailbox = session.scalars(
            select(Mailbox).where(Mailbox.id == ident).with_for_update(skip_locked=True)
        ).one_or_none()
        if mailbox is not None:
            taken += poll(mailbox)
        checkpoint()
    return taken


def poll(mailbox: Mailbox) -> int:
    """How many new mails were taken in. What goes wrong stands beside the settings."""
    taken = 0
    try:
        with imap.connected(server_of(mailbox)) as connection:
            validity = imap.open_folder(connection, mailbox.folder)
            if validity != mailbox.uid_validity:
                mailbox.uid_validity, mailbox.last_uid = validity, 0  # known mails are recognised by their name
            for mail in imap.after(connection, mailbox.last_uid, letters.LARGEST_MAIL):
                taken += _take(mailbox, mail)
                mailbox.last_uid = mail.uid
        mailbox.problem = mailbox.problem_at = None
    except imap.UNREADABLE as problem:
        _failed(mailbox, imap.kind_of(problem))
    mailbox.polled_at = now()
    return taken


def _failed(mailbox: Mailbox, problem: str) -> None:
    if mailbox.problem != problem:
        audit.note("intake.mailbox failed", mailbox, problem=problem)
        mailbox.problem, mailbox.problem_at = problem, now()


def _take(mailbox: Mailbox, mail: imap.Mail) -> bool:
    if mail.raw is None:  # larger than is read: a person looks in the mailbox
        content = Content({"Onderwerp": str(_("A mail of %(mb)s MB was not read. Look in the mailbox.",
                                              mb=mail.size // 1024**2))})  # fmt: skip
        return put(mailbox.company_id, mailbox.inlet_id, Way.MAIL, content, f"uid {mail.uid}".encode(), mailbox.id)
    return put(mailbox.company_id, mailbox.inlet_id, Way.MAIL, letters.read(mail.raw), letters.mark_of(mail.raw),
               mailbox.id)  # fmt: skip


def put(
    company_id: UUID, inlet_id: UUID, way: Way, content: Content, name: bytes, via_id: UUID | None = None
) -> bool:
    """One arrival, in this transaction; False when this mail arrived before. Run as maintenance."""
    content, ident = contents.without_numbers(content), uuid4()
    row = {
        "company_id": company_id, "id": ident, "inlet_id": inlet_id, "way": way, "via_id": via_id, "arrived_at": now(),
        "state": State.WAITING, "sealed": contents.seal(content, company_id, ident), "suspect": False, "problems": 0,
        "mark": secrets.fingerprint(company_id, b"mail", name),
        "digest": secrets.fingerprint(company_id, b"content", contents.packed(content)),
    }  # fmt: skip
    known = select(Arrival.id).where(
        Arrival.company_id == company_id, Arrival.inlet_id == inlet_id, Arrival.mark == row["mark"]
    )
    if session.scalar(known) is not None:
        return False
    session.add(Arrival(**row))
    session.flush()
    return True
