"""Recovery codes: ten on paper, for who has nothing else at hand. Each gets somebody in once, and no further."""

import base64
import re
import secrets
from hashlib import sha256
from typing import Any
from uuid import UUID

from leadcrm.auth.models.failures import Reason
from leadcrm.auth.services import failures
from leadcrm.auth.services.factors import doors, letters
from leadcrm.auth.services.second_factor import reserved
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core import audit, limits
from leadcrm.core.db import journal, session
from leadcrm.core.scope import viewing_as

CODES, CODE_BYTES = 10, 15  # 120 bits: 24 characters of base32
FEW = 3
GROUP = 4
_NOT_IN_CODES = re.compile(r"[^A-Z2-7]")
_READ_AS = str.maketrans("018", "OLB")  # what people read on paper; base32 has neither of these figures


class NotACode(Exception):
    """No code of this account, or one that was used."""


def new_code() -> str:
    """`ABCD-EFGH-…`, six groups of four."""
    letters_ = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()
    return "-".join(letters_[start:start + GROUP] for start in range(0, len(letters_), GROUP))


def code_hash(code: str, user_id: UUID) -> bytes:
    """However it is written. Plain SHA-256 is enough: nobody tries 2^120 codes (ASVS 6.5.2 asks 112 bits)."""
    plain = _NOT_IN_CODES.sub("", code.upper().translate(_READ_AS)[:200])
    return sha256(b"leadcrm recovery code\0" + user_id.bytes + plain.encode()).digest()


def make(state: Any, id_hash: bytes) -> list[str]:
    """A new set, shown this once; the old one is void. Nothing for who has no factor or did not step up."""
    codes = [new_code() for _number in range(CODES)]
    if not doors.make_codes(session, id_hash, [code_hash(code, state.user_id) for code in codes]):
        return []
    audit.note("recovery codes made", company_id=state.company_id, subject="auth_user", user=str(state.user_id))
    letters.codes_made(state)
    return codes


def use(code: str, state: Any, id_hash: bytes, visitor: Visitor) -> int:
    """How many are left. Raises NotACode or TooManyAttempts. It is burned, whatever comes after."""
    allowed = reserved(state, visitor)
    with viewing_as(None), journal() as own:
        left = doors.burn_code(own, id_hash, code_hash(code, state.user_id))
    if left is None:
        failures.record(Reason.WRONG_RECOVERY_CODE, state.email, visitor, state)
        raise NotACode
    limits.give_back(allowed)
    audit.note("recovery code used", company_id=state.company_id, subject="auth_user", user=str(state.user_id),
               left=left)
    letters.code_used(state, left)
    return left
