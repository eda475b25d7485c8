"""`leadcrm user`: for the first admin, and for when nobody can sign in any more."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from sqlalchemy import select

from leadcrm.auth.models.people import Company, User
from leadcrm.auth.permissions import Role
from leadcrm.auth.services import links, rights, sessions, users, wrapping
from leadcrm.core.config import current_config
from leadcrm.core.db import PLATFORM_ID, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.fields.people import Email
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import Everything, viewing_as

AS = Everything("somebody with access to the server manages users")


@contextmanager
def maintenance() -> Iterator[None]:
    """Everything in sight, and kept when nothing went wrong."""
    with viewing_as(AS):
        yield
        checkpoint()


@click.group()
def user() -> None:
    """Users: add, list, disable, enable, sign-out, reset-password, reset-second-factor, grant; hash-status,
    import-hash."""


def _found(email: str) -> User:
    """The user who signs in with an address, or was invited with it."""
    matching = select(User).where(User.email == email.strip().lower()).order_by(User.joined_at.is_(None))
    found = session.scalars(matching).first()
    if found is None:
        raise click.ClickException(f"no user has the address {email}; see `leadcrm user list`")
    return found


def _company(slug: str | None, role: Role) -> Company:
    if role == Role.ADMIN:
        slug = session.scalars(select(Company.slug).where(Company.id == PLATFORM_ID)).one()
    found = session.scalars(select(Company).where(Company.slug == slug)).one_or_none()
    if found is None:
        known = ", ".join(session.scalars(select(Company.slug).order_by(Company.slug)))
        raise click.ClickException(f"no company is called {slug}; there are: {known}")
    return found


def _show_link(token: str) -> None:
    address = current_config().base_url + f"/auth/set-password/{token}"
    click.echo(f"Password link, works once, for {links.HOURS} hours:\n{address}")


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="How the person is called.")
@click.option("--role", type=click.Choice([str(role) for role in Role]), default=str(Role.AGENT), show_default=True)
@click.option("--company", metavar="SLUG", help="The company; not for admins, who are of the platform.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day of access; an auditor needs one.")
def add(email: str, name: str, role: str, company: str | None, until: datetime | None) -> None:
    """Invite a user and print the link to choose a password with."""
    with maintenance():
        try:
            address = Email().parse(email)
            if address is None:
                raise click.ClickException("an address is needed")
            there = _company(company, Role(role))
            _user, token = users.invite(there.id, name, address, Role(role), ends_on=until and until.date())
        except Invalid as problem:
            raise click.ClickException(str(problem.message)) from problem
    _show_link(token)


@user.command("list")
def list_users() -> None:
    """Print every user: address, role, company, state, last sign-in."""
    with maintenance():
        rows = session.execute(
            select(User, Company.slug).join(Company, Company.id == User.company_id).order_by(Company.slug, User.email)
        )
        for person, slug in rows:
            seen = f"{person.last_sign_in_at:%Y-%m-%d %H:%M}" if person.last_sign_in_at else "never"
            state = "disabled" if not person.active else "invited" if person.joined_at is None else "active"
            click.echo(f"{person.email:40} {person.role:15} {slug:24} {state:9} {seen}")


@user.command()
@click.argument("email")
def disable(email: str) -> None:
    """Sign the user out everywhere and let them in no more."""
    _switch(email, False)


@user.command()
@click.argument("email")
def enable(email: str) -> None:
    """Let the user in again."""
    _switch(email, True)


def _switch(email: str, active: bool) -> None:
    with maintenance():
        person = _found(email)
        address = person.email
        users.change(person, name=person.name, role=person.role, active=active)
    click.echo(f"{address} is {'enabled' if active else 'disabled'}.")


@user.command("sign-out")
@click.argument("emails", nargs=-1)
@click.option("--company", "slugs", metavar="SLUG", multiple=True, help="Everybody of this company.")
@click.option("--everybody", is_flag=True, help="Everybody of every company, admins included.")
def sign_out(emails: tuple[str, ...], slugs: tuple[str, ...], everybody: bool) -> None:
    """End sessions at once, in every web process: of users, of companies, or all there are."""
    with maintenance():
        wanted = select(Company) if everybody else select(Company).where(Company.slug.in_(slugs))
        companies = session.scalars(wanted).all()
        missing = set(slugs) - {company.slug for company in companies}
        if missing:
            raise click.ClickException(f"no company is called {', '.join(sorted(missing))}")
        ended = sum(sessions.end_everywhere(_found(email)) for email in emails)
        ended += sum(sessions.end_company(company) for company in companies)
    click.echo(f"Sessions ended: {ended}.")


@user.command("reset-password")
@click.argument("email")
def reset_password(email: str) -> None:
    """Print a link to choose a new password with; the second factor stays as it is."""
    with maintenance():
        token = links.make(_found(email))
    _show_link(token)


@user.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Forget the user's second factor; a new one is set up at the next sign-in."""
    with maintenance():
        done = users.reset_second_factor(_found(email))
    click.echo("Forgotten." if done else "There was none.")


@user.command()
@click.argument("email")
@click.argument("permissions", nargs=-1, required=True)
@click.option("--revoke", is_flag=True, help="Take the rights away instead.")
def grant(email: str, permissions: tuple[str, ...], revoke: bool) -> None:
    """Give a user extra rights; `leadcrm plugins` lists them."""
    with maintenance():
        person = _found(email)
        address = person.email
        there = rights.flat(rights.rights_of(person))
        held = {name: right.grant.ends_on for name, right in there.items() if right.grant}
        named = dict.fromkeys(permissions)
        wanted = {name: day for name, day in held.items() if name not in named} if revoke else held | named
        try:
            rights.set_rights(person, wanted)
        except Invalid as problem:
            raise click.ClickException(f"{problem}; see `leadcrm plugins`") from problem
    click.echo(f"{address} has extra: {', '.join(sorted(wanted)) or 'nothing'}")


@user.command("hash-status")
@click.option("--wrap", is_flag=True, help="First wrap what is below the policy, as the nightly job does.")
def hash_status(wrap: bool) -> None:
    """Print how passwords are kept, and the share that is on policy. Exit code 1 when it is not all of them."""
    with maintenance():
        if wrap:
            click.echo(f"wrapped now: {wrapping.wrap_all()}")
        kept = wrapping.report()
    everybody = sum(each.accounts for each in kept) or 1
    for each in kept:
        mark = "on policy" if each.on_policy else "BELOW POLICY"
        click.echo(f"{each.scheme:32} {each.accounts:8} {100 * each.accounts / everybody:6.1f}%  {mark}")
    share = wrapping.share_on_policy(kept)
    click.echo(f"{'on policy':32} {sum(each.accounts for each in kept if each.on_policy):8} {share:6.1f}%")
    sys.exit(0 if share == 100 else 1)


@user.command("import-hash")
@click.argument("email")
@click.option("--replace", is_flag=True, help="Also when the user has a password already.")
def import_hash(email: str, replace: bool) -> None:
    """Take over a password's hash from another system, read from standard input: bcrypt, PBKDF2, scrypt or argon2.

    It is wrapped in argon2id at once; the user signs in with the password they had.
    """
    known = sys.stdin.read().strip()
    with maintenance():
        person = _found(email)
        if person.joined_at is not None and not replace:
            raise click.ClickException(f"{person.email} has a password already; see --replace")
        try:
            wrapping.bring_in(person, known)
        except Invalid as problem:
            raise click.ClickException(str(problem)) from problem
    click.echo("Taken over.")
