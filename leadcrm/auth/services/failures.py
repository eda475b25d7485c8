"""Failed logins: each with its true reason, in a transaction of its own, so that it survives the refused request."""

import re
from typing import Any
from uuid import UUID

from leadcrm.auth.events import sign_in_failed
from leadcrm.auth.models.failures import FailedLogin, Reason
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core.crypto import keyring
from leadcrm.core.db import PLATFORM_ID, journal
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.fields.people import Email
from leadcrm.core.scope import viewing_as

_LIKE_AN_ADDRESS = re.compile(
    r"([^@\s])[^@\s]*@([^@\s.])[^@\s]*\.(nl|be|de|fr|uk|eu|com|net|org|info|example)", re.IGNORECASE
)


def address_of(typed: str) -> str | None:
    """The address by which an account is known, however it was typed; None when it is no address."""
    try:
        address: str | None = Email().parse(typed)
    except Invalid:
        return None
    return address


def fingerprint(typed: str) -> int:
    """To find the same account again without keeping what was typed; keyed, so nobody can try addresses against it.

    Every way to type an address that signs the same account in has one fingerprint: limits are counted by it.
    """
    known = address_of(typed) or typed.strip().casefold()[:1000]
    return keyring().blind_index(PLATFORM_ID, "failed login", known)


def masked(typed: str) -> str:
    """`j•••@v•••.nl`. What has not the shape of an address may be a password: nothing of it stays."""
    match = _LIKE_AN_ADDRESS.fullmatch(typed.strip()[:254])
    return f"{match[1]}•••@{match[2]}•••.{match[3]}" if match else "•••"


def record(reason: Reason, typed: str, visitor: Visitor, account: Any = None) -> None:
    """`account` has company_id, user_id and email, when the address is known; only then is it kept as it is."""
    known: dict[str, Any] = {"company_id": PLATFORM_ID, "account": masked(typed)}
    if account is not None:
        known = {"company_id": account.company_id, "account": account.email, "user_id": account.user_id}
    with viewing_as(None), journal() as own:
        own.add(FailedLogin(
            **known, reason=reason, fingerprint=fingerprint(account.email if account is not None else typed),
            address=visitor.address[:45], prefix=visitor.prefix,
            user_agent=visitor.printable,
        ))
    user_id: UUID | None = known.get("user_id")
    sign_in_failed.send(user_id, company_id=known["company_id"], reason=reason, address=visitor.address)
