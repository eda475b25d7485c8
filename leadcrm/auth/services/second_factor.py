"""Codes from an app (TOTP, RFC 6238): 30 seconds, this step and the one before, each accepted once."""

import hmac
import re
import time
from typing import Any
from uuid import UUID

import pyotp
import segno
from markupsafe import Markup

from leadcrm.auth.events import second_factor_confirmed
from leadcrm.auth.models.failures import Reason
from leadcrm.auth.services import attempts, doors, failures, sessions
from leadcrm.auth.services.factors import doors as prove
from leadcrm.auth.services.factors import letters
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core import audit, limits
from leadcrm.core.crypto import Place, keyring
from leadcrm.core.db import journal, session
from leadcrm.core.scope import viewing_as

ISSUER = "leadcrm"
SECRET_CHARACTERS = 32  # base32: 160 bits
STEP_SECONDS = 30
_SEPARATORS = re.compile(r"[\s.\-]")


class WrongCode(Exception):
    """The code is not accepted; `reason` says whether it was wrong or used before."""

    def __init__(self, reason: Reason):
        self.reason = reason
        super().__init__(reason)


def new_secret() -> str:
    return pyotp.random_base32(SECRET_CHARACTERS)


def sealed(secret: str, company_id: UUID, user_id: UUID) -> bytes:
    return keyring().seal(secret.encode(), _place(company_id, user_id))


def opened(box: bytes, company_id: UUID, user_id: UUID) -> str:
    return keyring().open(box, _place(company_id, user_id)).decode()


def _place(company_id: UUID, user_id: UUID) -> Place:
    return Place("auth_secret", "totp", company_id, user_id)


def of_session(id_hash: bytes) -> Any:
    """Where a session stands: whose it is, its level, and what is asked, confirmed, offered. None when it ended."""
    return doors.second_factor(session, id_hash)


def offer(state: Any, id_hash: bytes) -> None:
    """A fresh secret for this session alone, to be confirmed with a first code."""
    doors.offer_totp(session, id_hash, sealed(new_secret(), state.company_id, state.user_id))


def offered_secret(state: Any) -> str:
    return opened(state.offered, state.company_id, state.user_id)


def address_of(secret: str, email: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def qr_code(content: str) -> Markup:
    """Inline SVG with attributes only: the page's policy allows no style of its own."""
    code = segno.make_qr(content, error="m")
    drawn = code.svg_inline(border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True)
    return Markup(drawn)  # noqa: S704  # paths that segno drew; the content is not in it as text


def in_groups(secret: str) -> str:
    return " ".join(secret[start:start + 4] for start in range(0, len(secret), 4))


def step_of(secret: str, code: str, at: float | None = None) -> int | None:
    """The step a code belongs to, this one or the one before; None when it is wrong."""
    typed = _SEPARATORS.sub("", code)
    current = int(time.time() if at is None else at) // STEP_SECONDS
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    fits = [step for step in (current - 1, current) if _same(totp.generate_otp(step), typed)]
    return fits[-1] if fits else None


def _same(expected: str, typed: str) -> bool:
    return hmac.compare_digest(expected.encode(), typed.encode(errors="replace"))


def check(
    code: str, state: Any, id_hash: bytes, visitor: Visitor, at: float | None = None, wrong: Reason = Reason.WRONG_CODE
) -> None:
    """Raises WrongCode or TooManyAttempts. A right code is burned, whatever becomes of the request after this."""
    allowed = reserved(state, visitor)
    step = step_of(opened(state.totp, state.company_id, state.user_id), code, at)
    if step is None:
        _refuse(wrong, state, visitor)
    limits.give_back(allowed)  # a right code is no guess, also when it was used before
    with viewing_as(None), journal() as own:
        burned = doors.burn_totp_step(own, id_hash, step or 0)
    if not burned:
        _refuse(Reason.REPLAYED_CODE, state, visitor)


def confirm(code: str, state: Any, id_hash: bytes, visitor: Visitor, at: float | None = None) -> None:
    """The first code of a new secret. Raises WrongCode or TooManyAttempts."""
    allowed = reserved(state, visitor)
    step = step_of(offered_secret(state), code, at)
    if step is None or not doors.confirm_totp(session, id_hash, step):
        _refuse(Reason.WRONG_CODE, state, visitor)
    limits.give_back(allowed)
    audit.note("second factor confirmed", company_id=state.company_id, subject="auth_user", user=str(state.user_id))
    second_factor_confirmed.send(state.user_id, company_id=state.company_id)
    letters.app_confirmed(state)


def reserved(state: Any, visitor: Visitor) -> list[limits.Allowed]:
    """Room for one more attempt at somebody's second factor, whichever it is. Raises TooManyAttempts."""
    allowed = attempts.for_code(state.user_id, visitor)
    try:
        attempts.reserve(allowed)
    except attempts.TooManyAttempts:
        if attempts.worth_recording(visitor):
            failures.record(Reason.LIMITED, state.email, visitor, state)
        raise
    return allowed


def _refuse(reason: Reason, state: Any, visitor: Visitor) -> None:
    failures.record(reason, state.email, visitor, state)
    raise WrongCode(reason)


def finish(state: Any, id_hash: bytes, strong: bool) -> str | None:
    """The token of the full session; None when the half one was used or ended meanwhile.

    `strong`: by a factor that counts for what is grave as well, so not by a recovery code.
    """
    with viewing_as(None):
        prove.factor_came(session, id_hash)
    token = sessions.raised(id_hash)
    if token is not None:
        if strong:
            prove.step_up(session, sessions.hash_of(token))
        sessions.note_sign_in(state)
    return token


def remove(state: Any, id_hash: bytes) -> bool:
    """The app goes; a passkey stays, or nothing is asked of this person. False when neither holds."""
    gone = prove.remove_totp(session, id_hash)
    if gone:
        audit.note("app removed", company_id=state.company_id, subject="auth_user", user=str(state.user_id))
        letters.factor_removed(state)
    return gone
