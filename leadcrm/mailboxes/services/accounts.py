"""Keeping the account, trying it out, and sending through it."""

import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr
from functools import partial
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext
from sqlalchemy import select

from leadcrm.core import audit, mailing, notices
from leadcrm.core.config import current_config
from leadcrm.core.db import now, session
from leadcrm.core.mailing import Server
from leadcrm.core.outbox import Route
from leadcrm.core.reveal import peek
from leadcrm.core.scope import signed_in_viewer
from leadcrm.mailboxes.models import Account

NAME = "mailboxes"
PAGE = "/mailboxes/"


@dataclass(frozen=True)
class Trial:
    """What became of a test mail: None, or a word of mailing.kind_of()."""

    problem: str | None

    @property
    def went_well(self) -> bool:
        return self.problem is None


def mine() -> Account | None:
    account: Account | None = session.scalars(select(Account)).one_or_none()
    return account


def of_company(company_id: UUID) -> Account | None:
    account: Account | None = session.scalars(select(Account).where(Account.company_id == company_id)).one_or_none()
    return account


def keep(account: Account, password: str | None) -> None:
    """New settings count as untried. Without a password the kept one stays, but for the same server only.

    Otherwise who may change the server could have the old password sent to a machine of their own.
    """
    if password is not None:
        account.password = password  # type: ignore[assignment]  # plain: sealed at the flush
        audit.note("mail password set", account)
    account.proven_at = account.problem = account.problem_at = None
    session.add(account)


def remove(account: Account) -> None:
    session.delete(account)


def server_of(account: Account) -> Server:
    config = current_config()
    return Server(
        account.host, account.port, str(account.security), account.username, peek(account, "password"),
        config.mail_ca_file, guarded=True, inside=config.company_mail_networks,
    )


def sender_of(account: Account) -> str:
    return formataddr((account.sender_name or "", account.sender))


def try_out(account: Account, recipient: str, subject: str, body: str) -> Trial:
    """Send one mail now, while somebody waits, and keep how that went."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender_of(account), recipient, subject
    message.set_content(body)
    try:
        with mailing.connect(server_of(account)) as connection:
            connection.send_message(message)
    except (OSError, smtplib.SMTPException) as problem:
        account.problem, account.problem_at = mailing.kind_of(problem), now()
    else:
        account.proven_at, account.problem, account.problem_at = now(), None, None
    audit.note("mail account tried", account, result=account.problem or "works", by=str(signed_in_viewer().user_id))
    return Trial(account.problem)


def route_of(company_id: UUID) -> Route | None:
    """For the outbox: an account that has proved to work. One that fails now is tried again with the next mail."""
    account = of_company(company_id)
    if account is None or account.proven_at is None:
        return None
    return Route(
        NAME, server_of(account), account.sender, account.sender_name or "", partial(_failed, account.id),
        partial(_worked, account.id),
    )


def _failed(account_id: UUID, problem: str) -> None:
    """Not silently: on the page, in the bell of the managers, in the audit trail."""
    account: Any = session.get(Account, account_id)
    if account.problem != problem:
        account.problem, account.problem_at = problem, now()
        audit.note("mail account failed", account, problem=problem)
    told = lazy_gettext(
        "Mail of your company could not leave through your own mail account. It left as the platform's. "
        "Check the account."
    )
    notices.alert("mail account", account.company_id, told, url=PAGE, about=str(account_id))


def _worked(account_id: UUID) -> None:
    account: Any = session.get(Account, account_id)
    if account.problem is not None:
        account.problem = account.problem_at = None
