"""Signing in with address and password. Whatever is wrong, who tries gets one answer, after the same work."""

from typing import Any

from leadcrm.auth.models.failures import Reason
from leadcrm.auth.services import admission, attempts, devices, doors, failures, passwords, sessions
from leadcrm.auth.services.factors import doors as factor_doors
from leadcrm.auth.services.factors import unfinished
from leadcrm.auth.services.passwords import Verdict
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core import limits
from leadcrm.core.db import PLATFORM_ID, session
from leadcrm.core.scope import viewing_as


class NotLetIn(Exception):
    """The reason is recorded, and for nobody who tries."""


def sign_in(typed: str, password: str, visitor: Visitor) -> tuple[str, int]:
    """The token of a new session and its level. Raises NotLetIn, TooManyAttempts or passwords.Busy."""
    allowed = _reserved(typed, visitor)
    with viewing_as(None):
        account = _account(typed)
        verdict = passwords.verify(password, account.password_hash if account else None)
        admitted = admission.admits(account, visitor)
    reason = _why_not(account, verdict) or (None if admitted else Reason.ADDRESS)
    started = sessions.start(account.user_id, visitor) if reason is None else None
    if started is None:
        failures.record(reason or Reason.INACTIVE, typed, visitor, account)
        raise NotLetIn
    limits.give_back(allowed)
    _upgrade(account, password, verdict)
    if started[1] == sessions.FULL:
        with viewing_as(None):
            factor_doors.step_up(session, sessions.hash_of(started[0]))  # the password is all that can be asked of them
        sessions.note_sign_in(account)
    else:
        unfinished.expect(started[0], visitor)
    return started


def _reserved(typed: str, visitor: Visitor) -> list[limits.Allowed]:
    allowed = attempts.for_password(f"{failures.fingerprint(typed):x}", visitor, _known_device(typed, visitor))
    try:
        attempts.reserve(allowed)
    except attempts.TooManyAttempts:
        if attempts.worth_recording(visitor):
            with viewing_as(None):
                account = _account(typed)
            failures.record(Reason.LIMITED, typed, visitor, account)
        raise
    return allowed


def _known_device(typed: str, visitor: Visitor) -> bytes | None:
    """The browser, when this account is known to sign in with it. The same work for an account that does not exist."""
    if not visitor.device_tokens:
        return None
    with viewing_as(None):
        account = _account(typed)
    return devices.known_as(account.user_id if account else PLATFORM_ID, visitor)


def _account(typed: str) -> Any:
    """The account of an address, in whatever capitals it was typed."""
    return doors.find(session, failures.address_of(typed) or "")


def _why_not(account: Any, verdict: Verdict) -> Reason | None:
    if account is None:
        return Reason.UNKNOWN_ACCOUNT
    if account.password_hash is None:
        return Reason.NO_PASSWORD
    if not verdict.right:
        return Reason.WRONG_PASSWORD
    return None if account.active else Reason.INACTIVE


def _upgrade(account: Any, password: str, verdict: Verdict) -> None:
    """The password is known only now: put it under today's policy.

    After they were let in: a second hash for a right password from a wrong address would tell that it is right.
    """
    if verdict.outdated:
        better = passwords.hashed(password)
        with viewing_as(None):
            doors.upgrade_password(session, account.user_id, account.password_hash, better)


def is_my_password(password: str, visitor: Visitor, email: str) -> bool:
    """For who is signed in and asked again. Limited and recorded like signing in."""
    allowed = _reserved(email, visitor)
    with viewing_as(None):
        account = _account(email)
        right = account is not None and passwords.verify(password, account.password_hash).right
    if not right:
        failures.record(Reason.WRONG_PASSWORD, email, visitor, account)
        return False
    limits.give_back(allowed)
    return True
