"""Checks on people: second steps, passkeys, password hashes, roles, sessions (A3, A7, A8, A11, A13)."""

from datetime import timedelta
from functools import partial

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from leadcrm.auth.models.factors import Passkey
from leadcrm.auth.models.people import Company, Grant, User
from leadcrm.auth.permissions import Role
from leadcrm.auth.services import passwords, wrapping
from leadcrm.core.db import now, session
from leadcrm.core.doctor.report import Check, Exempt, Group, Outcome, fail, ok, warn
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.plugin import plugins

MOST_IDLE_MINUTES, MOST_HOURS = 60, 12
FORGOTTEN = timedelta(days=180)
JOINED = User.active & User.joined_at.is_not(None)


def second_step(_subject: Subject) -> Outcome:
    """Asked by default; a company that switched it off is an exception, by name."""
    rows = list(session.scalars(select(Company).where(Company.active)))
    without = [row for row in rows if not row.totp_required]
    text = _("a second step is not asked of the agents of this company, by its own choice")
    exempt = tuple(Exempt(row.id, text) for row in without)
    found = _("asked by %(count)d of %(all)d companies; of managers and administrators always",
              count=len(rows) - len(without), all=len(rows))  # fmt: skip
    return ok(found, exempt=exempt)


def enrolled(_subject: Subject) -> Outcome:
    """Whoever signed in once has one, where it is asked: enrolling comes before the first page."""
    asked = select(User).join(Company, Company.id == User.company_id).where(Company.active, Company.totp_required)
    rows = list(session.scalars(asked.where(JOINED, User.last_sign_in_at.is_not(None))))
    bare = [row.email for row in rows if row.second_factor_at is None]
    found = _("%(count)d of %(all)d accounts that signed in", count=len(rows) - len(bare), all=len(rows))
    if bare:
        return fail(found, _("end their sessions: the next sign-in asks them to set one up"), ", ".join(bare[:10]))
    return ok(found)


def passkeys(subject: Subject) -> Outcome:
    """A passkey cannot be given away on a false page; a code can."""
    admins = {row.id: row.email for row in session.scalars(select(User).where(JOINED, User.role == Role.ADMIN))}
    with subject.as_owner() as connection:
        having = set(connection.execute(select(Passkey.user_id)).scalars())
    bare = [email for ident, email in admins.items() if ident not in having]
    found = _("%(count)d of %(all)d administrators have a passkey", count=len(admins) - len(bare), all=len(admins))
    if bare:
        return warn(found, _("let each of them add one on the page of their own account"), ", ".join(bare[:10]))
    return ok(found)


def hashes(_subject: Subject) -> Outcome:
    kept = wrapping.report()
    share = wrapping.share_on_policy(kept)
    found = _("%(share).1f%% on policy (argon2id)", share=share)
    if share < 100:
        below = ", ".join(f"{each.scheme}: {each.accounts}" for each in kept if not each.on_policy)
        return fail(found, "leadcrm user hash-status --wrap", below)
    return ok(found)


def self_test(_subject: Subject) -> Outcome:
    passwords.refuse_broken()  # raises when a library answers wrongly
    return ok(_("%(count)d schemes answer as they should; older hashes are wrapped every night",
                count=len(passwords.KNOWN_ANSWERS)))  # fmt: skip


def roles(_subject: Subject) -> Outcome:
    """Every right that somebody holds is one that exists."""
    known = {str(right) for plugin in plugins() for right in plugin.permissions or ()}
    unknown = {each for each in session.scalars(select(Grant.permission)) if each not in known}
    admins = session.scalars(select(User.email).where(JOINED, User.role == Role.ADMIN)).all()
    if unknown:
        return warn(_("some extra rights are of no plugin any more"), _("take them away"), ", ".join(sorted(unknown)))
    if not admins:
        return fail(_("there is no administrator"), "leadcrm user add --role admin")
    return ok(_("%(roles)d roles, %(rights)d rights, %(admins)d administrators",
                roles=len(Role), rights=len(known), admins=len(admins)))  # fmt: skip


def sessions(subject: Subject) -> Outcome:
    config = subject.config
    found = _("they end after %(idle)d minutes without use and after %(hours)d hours",
              idle=config.session_idle_minutes, hours=config.session_hours)  # fmt: skip
    if config.session_idle_minutes > MOST_IDLE_MINUTES or config.session_hours > MOST_HOURS:
        return warn(found, _("lower session_idle_minutes and session_hours"))
    return ok(found)


def forgotten(_subject: Subject) -> Outcome:
    """An account that nobody uses is one that nobody would miss."""
    old = User.last_sign_in_at < now() - FORGOTTEN
    rows = list(session.scalars(select(User.email).where(JOINED, old)))
    found = _("%(count)d accounts not used for half a year", count=len(rows))
    return warn(found, _("disable them"), ", ".join(rows[:10])) if rows else ok(found)


_people = partial(Check, group=Group.PEOPLE)
CHECKS = (
    _people("people.second_step", _("Second step asked"), look=second_step, clauses=("A3",)),
    _people("people.enrolled", _("Second step set up"), look=enrolled, clauses=("A3",)),
    _people("people.passkeys", _("Administrators with a passkey"), look=passkeys),
    _people("passwords.policy", _("Passwords"), look=hashes, clauses=("A7", "A8")),
    _people("passwords.self_test", _("Self-test of the password hashes"), look=self_test, clauses=("A8",)),
    _people("people.roles", _("Roles and rights"), look=roles, clauses=("A11",)),
    _people("people.sessions", _("How long sessions last"), look=sessions, clauses=("A13",)),
    _people("people.forgotten", _("Accounts nobody uses"), look=forgotten),
)
