"""`leadcrm unlock-ip`: for who is kept out by a list and has nobody to change it."""

from dataclasses import replace

import click
from sqlalchemy import select

from leadcrm.addresses.services import ranges, rules
from leadcrm.addresses.services.ranges import Entry
from leadcrm.addresses.services.rules import List
from leadcrm.auth.models.people import User
from leadcrm.core import audit
from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.jobs import checkpoint
from leadcrm.core.proxy import Network
from leadcrm.core.scope import Everything, viewing_as

AS = Everything("somebody with access to the server opens an address list")


@click.command("unlock-ip")
@click.argument("email")
@click.argument("address", required=False)
@click.option("--clear", is_flag=True, help="Empty the lists that hold for this person instead, their company's too.")
def unlock_ip(email: str, address: str | None, clear: bool) -> None:
    """Let EMAIL in from ADDRESS (or a range) again: it is added to every list that keeps it out."""
    if (address is None) != clear:
        raise click.UsageError("give the address to admit, or --clear")
    with viewing_as(AS):
        person = _found(email)
        opened = [_open(which, _network(address)) for which in _lists(person)]
        audit.note("address lists opened", person, cleared=clear, lists=sum(opened))
        checkpoint()
    click.echo("Opened." if any(opened) else "No list kept it out.")


def _found(email: str) -> User:
    matching = select(User).where(User.email == email.strip().lower()).order_by(User.joined_at.is_(None))
    found = session.scalars(matching).first()
    if found is None:
        raise click.ClickException(f"no user has the address {email}; see `leadcrm user list`")
    return found


def _lists(person: User) -> tuple[List, List]:
    of_company = List(person.company_id)
    return of_company, replace(of_company, user_id=person.id)


def _network(address: str | None) -> Network | None:
    try:
        return ranges.parse(address) if address else None
    except Invalid as problem:
        raise click.ClickException(str(problem.message)) from problem


def _open(which: List, network: Network | None) -> bool:
    """True when the list kept it out. Without a network the list is emptied."""
    entries = rules.entries_of(which)
    if network is None:
        return rules.save(which, [])
    if not entries or any(ranges.within(network, entry.network) for entry in entries):
        return False
    return rules.save(which, [*entries, Entry(network, "unlock-ip")])
