"""The companies, their people with passwords and one-time secrets, and where they get their leads."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from leadcrm.auth.models.people import Company, User
from leadcrm.auth.permissions import Role
from leadcrm.auth.services import doors, passwords, second_factor
from leadcrm.core.db import now, session
from leadcrm.demo.services.credentials import Credentials
from leadcrm.demo.services.offices import CHANNELS, Account, Office
from leadcrm.leads.models.source import Label, Source, Supplier
from leadcrm.leads.services import indexing


def found(offices: Sequence[Office], staff: Iterable[Account], known: dict[str, Credentials]) -> None:
    """`known`: what each signs in with, by e-mail address. The caller commits."""
    everybody = list(staff)
    for office in offices:
        session.add(Company(id=office.id, name=office.name, slug=office.slug))
        everybody += office.accounts
        _trade(office)
    session.flush()
    for office in offices:
        indexing.begin(office.id)
    for account in everybody:
        session.add(
            User(
                company_id=account.company_id,
                id=account.id,
                email=account.email,
                name=account.name,
                role=account.role,
                invited_at=now(),
                **days_of(account),
            )
        )
    session.flush()
    for account in everybody:
        _let_in(account, known[account.email])


def days_of(account: Account) -> dict[str, date]:
    """An auditor is one for a time."""
    today = now().date()
    return {"starts_on": today, "ends_on": today + timedelta(days=90)} if account.role == Role.AUDITOR else {}


def _trade(office: Office) -> None:
    session.add_all(
        Source(company_id=office.id, id=office.sources[each.key], key=each.key, name=each.name) for each in CHANNELS
    )
    session.add_all(Supplier(company_id=office.id, id=ident, name=name) for name, ident in office.suppliers.items())
    session.flush()
    for label in office.labels:
        brand = label.brand
        session.add(
            Label(
                company_id=office.id,
                id=label.id,
                supplier_id=label.supplier_id,
                name=brand.name,
                price=brand.price,
                return_days=brand.return_days,
                exclusive=brand.exclusive,
            )
        )


def _let_in(account: Account, known: Credentials) -> None:
    doors.set_password(session, account.id, passwords.hashed(known.password))
    doors.set_totp(session, account.id, second_factor.sealed(known.totp_secret, account.company_id, account.id))
