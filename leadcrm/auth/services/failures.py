"""Failed logins: each with its true reason, in a transaction of its own, so that it survives the refused request."""

import re
from typing import Any
from uuid import UUID

from leadcrm.auth.events import sign_in_failed
from leadcrm.auth.models import FailedLogin, Reason
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core.crypto import keyring
from leadcrm.core.db import PLATFORM_ID, journal
from leadcrm.core.scope import viewing_as

_LIKE_AN_ADDRESS = re.compile(
    r"([^@\s])[^@\s]*@([^@\s.])[^@\s]*\.(nl|be|de|fr|uk|eu|com|net|org|info|example)", re.IGNORECASE
)


def fingerprint(typed: str) -> int:
    """To find the same account again without keeping what was typed; keyed, so nobody can try addresses against it."""
    return keyring().blind_index(PLATFORM_ID, "failed login", typed.strip().casefold()[:1000])


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
            address=visitor.address[:45], user_agent=visitor.printable,
        ))
    user_id: UUID | None = known.get("user_id")
    sign_in_failed.send(user_id, company_id=known["company_id"], reason=reason, address=visitor.address)
