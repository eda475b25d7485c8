"""Proving oneself again before something grave: a code, a passkey, or the password of who has neither.

A recovery code is never asked and never taken here: it gets somebody in, and no further.
"""

from typing import Any

from leadcrm.auth.models.failures import Reason
from leadcrm.auth.services import second_factor, signing_in
from leadcrm.auth.services.factors import doors, passkeys
from leadcrm.auth.services.second_factor import WrongCode
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core import audit
from leadcrm.core.db import session


class NotProved(Exception):
    """What was given proves nothing."""

    def __init__(self, reason: Reason):
        self.reason = reason
        super().__init__(reason)


def prove(state: Any, id_hash: bytes, visitor: Visitor, *, code: str, answer: str, password: str) -> None:
    """Raises NotProved or TooManyAttempts. From now on this session has stepped up, for five minutes."""
    try:
        how = _proved(state, id_hash, visitor, code, answer, password)
    except (WrongCode, passkeys.NotThisPasskey) as problem:
        raise NotProved(problem.reason) from problem
    doors.step_up(session, id_hash)
    audit.note("stepped up", company_id=state.company_id, subject="auth_session", how=how)


def _proved(state: Any, id_hash: bytes, visitor: Visitor, code: str, answer: str, password: str) -> str:
    if not state.confirmed:
        if not signing_in.is_my_password(password, visitor, state.email):
            raise NotProved(Reason.WRONG_PASSWORD)
        return "password"
    if answer and state.passkeys:
        passkeys.check(answer, state, id_hash, visitor, passkeys.STEP_UP)
        return "passkey"
    if not state.has_totp:
        raise NotProved(Reason.WRONG_PASSKEY)
    second_factor.check(code, state, id_hash, visitor, wrong=Reason.STEP_UP)
    return "totp"
