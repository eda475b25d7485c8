"""Old password hashes: how many there are, wrapping them at night, and bringing them in from another system."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from leadcrm.auth.services import doors, old_hashes, password_doors, passwords
from leadcrm.core import audit
from leadcrm.core.db import session
from leadcrm.core.jobs import Rank, checkpoint, job
from leadcrm.core.jobs_steps import walked

BEFORE_ALL = UUID(int=0)
AT_ONCE = 20
BEGINNINGS = {
    "$argon2id$": "argon2id", "$argon2": "argon2", "$2": "bcrypt", "$pbkdf2-sha256$": "pbkdf2-sha256",
    "$pbkdf2-sha512$": "pbkdf2-sha512", "$scrypt$": "scrypt",
}


@dataclass(frozen=True)
class Kept:
    """One way in which passwords are kept."""

    scheme: str
    on_policy: bool
    accounts: int


def report() -> list[Kept]:
    """Every way, the most used first. Needs a viewer who sees everything."""
    found: Counter[tuple[str, bool]] = Counter()
    for row in password_doors.outlines(session):
        found[_described(row.outline), row.outline.startswith(passwords.POLICY)] += row.accounts
    return [Kept(scheme, on_policy, accounts) for (scheme, on_policy), accounts in found.most_common()]


def _described(outline: str) -> str:
    *inner, outer = passwords.layers(outline)
    names = [_name(each) for each in (outer, *reversed(inner))]
    return " over ".join(names)


def _name(hash_: str) -> str:
    return next((name for beginning, name in BEGINNINGS.items() if hash_.startswith(beginning)), "unknown")


def share_on_policy(kept: list[Kept]) -> float:
    """In percent; all of no accounts is 100."""
    everybody = sum(each.accounts for each in kept)
    return 100.0 * sum(each.accounts for each in kept if each.on_policy) / everybody if everybody else 100.0


@job(
    queue="maintenance", retries=3, cron="44 2 * * *", rank=Rank.UPKEEP,
    reason="old password hashes of every company are wrapped",
)
def wrap_old_hashes() -> bool:
    return walked("auth.wrap_old_hashes", _wrap_next)


def wrap_all() -> int:
    """Every hash below the policy, each in a transaction of its own: killed at any moment, the next run goes on.

    Whoever signs in or sets a password meanwhile has replaced the hash, and then nothing is written over theirs.
    """
    done, after = 0, BEFORE_ALL
    while rows := password_doors.below(session, passwords.POLICY, after, AT_ONCE):
        checkpoint()
        done += sum(_wrap(row) for row in rows)
        after = rows[-1].user_id
    return done


def _wrap_next(place: str | None) -> str | None:
    rows = password_doors.below(session, passwords.POLICY, UUID(place) if place else BEFORE_ALL, AT_ONCE)
    checkpoint()
    for row in rows:
        _wrap(row)
    return str(rows[-1].user_id) if rows else None


def _wrap(row: Any) -> bool:
    try:
        better = passwords.wrapped(row.password_hash)
    except old_hashes.UnknownScheme:
        return False  # stays in the report
    replaced = doors.upgrade_password(session, row.user_id, row.password_hash, better)
    checkpoint()
    return replaced


def bring_in(user: Any, known: str) -> None:
    """A hash from another system, wrapped at once: it is never kept as it came. Raises Invalid."""
    old_hashes.refuse_unusable(known)
    doors.set_password(session, user.id, passwords.wrapped(known))
    audit.note("password brought in", user, scheme=old_hashes.scheme_of(known))
