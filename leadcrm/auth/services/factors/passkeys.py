"""Passkeys (WebAuthn): what a browser is asked, and whether what it answers is right.

Who we are comes from the configuration and never from a request, so an answer given to another site is none here.
"""

import json
import secrets
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from leadcrm.auth.events import second_factor_confirmed
from leadcrm.auth.models.failures import Reason
from leadcrm.auth.permissions import Role
from leadcrm.auth.services import failures
from leadcrm.auth.services.factors import doors, letters
from leadcrm.auth.services.second_factor import reserved
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core import audit, limits
from leadcrm.core.config import current_config
from leadcrm.core.db import journal, session
from leadcrm.core.scope import viewing_as

ENROL, SIGN_IN, STEP_UP = "enrol", "sign in", "step up"  # what a challenge is for; one never serves another
CHALLENGE_BYTES = 32
SECONDS = 300
LONGEST_ANSWER = 20_000
LONGEST_LABEL = 60
_WAYS = {way.value: way for way in AuthenticatorTransport}

# What the library raises on answers that no browser gives; whatever it is, the answer is wrong.
_UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError)


class NotThisPasskey(Exception):
    """The answer is not accepted; `reason` says why, and is not for who tries."""

    def __init__(self, reason: Reason = Reason.WRONG_PASSKEY):
        self.reason = reason
        super().__init__(reason)


def origin() -> str:
    """As browsers write it: scheme, host and a port that is not the usual one."""
    return current_config().base_url.removesuffix(":443")


def relying_party() -> str:
    """The host that passkeys are bound to; from the configuration, whatever host a request names."""
    return urlsplit(current_config().base_url).hostname or ""


def must_verify(role: str) -> bool:
    """Whether the device must know its owner (finger, face, PIN): always where others' data is in reach."""
    return role != Role.AGENT


def _verification(role: str) -> UserVerificationRequirement:
    return UserVerificationRequirement.REQUIRED if must_verify(role) else UserVerificationRequirement.PREFERRED


def mine(id_hash: bytes) -> list[Any]:
    """The passkeys of whose session this is, last used first."""
    return doors.passkeys(session, id_hash)


def _challenge(id_hash: bytes, purpose: str) -> bytes:
    """Kept on our side. Raises NotThisPasskey when this session may not ask."""
    random = secrets.token_bytes(CHALLENGE_BYTES)
    if not doors.make_challenge(session, id_hash, purpose, random):
        raise NotThisPasskey
    return random


def _known(keys: list[Any]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=key.credential_id, transports=[_WAYS[way] for way in key.transports.split() if way in _WAYS] or None
        )
        for key in keys
    ]


def to_enrol(state: Any, id_hash: bytes) -> dict[str, Any]:
    """What the browser is asked to make. A device that has one of this account makes no second."""
    return options_to_json_dict(generate_registration_options(
        rp_id=relying_party(), rp_name="leadcrm", user_id=state.user_id.bytes, user_name=state.email,
        user_display_name=state.name, challenge=_challenge(id_hash, ENROL), timeout=SECONDS * 1000,
        attestation=AttestationConveyancePreference.NONE, exclude_credentials=_known(mine(id_hash)),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=_verification(state.role)
        ),
    ))


def to_sign(state: Any, id_hash: bytes, purpose: str) -> dict[str, Any]:
    """What the browser is asked to sign, with one of the passkeys of this account."""
    return options_to_json_dict(generate_authentication_options(
        rp_id=relying_party(), challenge=_challenge(id_hash, purpose), timeout=SECONDS * 1000,
        allow_credentials=_known(mine(id_hash)), user_verification=_verification(state.role),
    ))


def enrol(answer: str, label: str, state: Any, id_hash: bytes) -> UUID:
    """Keep a new passkey. Raises NotThisPasskey."""
    challenge = _taken(id_hash, ENROL)
    try:
        given = _read(answer)
        made = verify_registration_response(
            credential=given, expected_challenge=challenge, expected_rp_id=relying_party(), expected_origin=origin(),
            require_user_verification=must_verify(state.role),
        )
        ways = [way for way in given["response"].get("transports", ()) if way in _WAYS]
    except _UNREADABLE as problem:
        raise NotThisPasskey from problem
    ident = doors.add_passkey(
        session, id_hash, made.credential_id, made.credential_public_key, made.sign_count, " ".join(ways[:6]),
        label.strip()[:LONGEST_LABEL] or "Passkey", made.credential_backed_up,
    )
    if ident is None:
        raise NotThisPasskey
    audit.note("passkey added", company_id=state.company_id, subject="auth_user", user=str(state.user_id))
    second_factor_confirmed.send(state.user_id, company_id=state.company_id)
    letters.passkey_added(state)
    return ident


def check(answer: str, state: Any, id_hash: bytes, visitor: Visitor, purpose: str) -> None:
    """Raises NotThisPasskey or TooManyAttempts. Limited together with codes: both are guesses at one account."""
    allowed = reserved(state, visitor)
    try:
        _checked(answer, state, id_hash, purpose)
    except NotThisPasskey as problem:
        at_step_up = purpose == STEP_UP and problem.reason == Reason.WRONG_PASSKEY
        failures.record(Reason.STEP_UP if at_step_up else problem.reason, state.email, visitor, state)
        raise
    limits.give_back(allowed)


def _checked(answer: str, state: Any, id_hash: bytes, purpose: str) -> None:
    challenge = _taken(id_hash, purpose)
    try:
        given = _read(answer)
        raw_id = base64url_to_bytes(given["rawId"])
        key = next((key for key in mine(id_hash) if key.credential_id == raw_id), None)
        if key is None:
            raise NotThisPasskey
        right = verify_authentication_response(
            credential=given, expected_challenge=challenge, expected_rp_id=relying_party(), expected_origin=origin(),
            credential_public_key=key.public_key, credential_current_sign_count=0,  # the database compares, at once
            require_user_verification=must_verify(state.role),
        )
    except _UNREADABLE as problem:
        raise NotThisPasskey from problem
    with viewing_as(None), journal() as own:
        used = doors.use_passkey(own, id_hash, key.id, right.new_sign_count)
    if not used:  # its counter went back: there may be two of what should be one
        letters.passkey_copied(state)
        raise NotThisPasskey(Reason.COPIED_PASSKEY)


def _taken(id_hash: bytes, purpose: str) -> bytes:
    """The challenge, gone from now on: also when the answer turns out to be wrong."""
    with viewing_as(None), journal() as own:
        challenge = doors.take_challenge(own, id_hash, purpose)
    if challenge is None:
        raise NotThisPasskey
    return challenge


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("longer than any browser's answer")
    given = json.loads(answer)
    if not isinstance(given, dict):
        raise TypeError("not an object")
    return given


def rename(ident: UUID, label: str, id_hash: bytes) -> bool:
    return bool(label.strip()) and doors.rename_passkey(session, id_hash, ident, label.strip()[:LONGEST_LABEL])


def remove(ident: UUID, state: Any, id_hash: bytes) -> bool:
    """False when it is not there, or the last factor of who must have one."""
    gone = doors.remove_passkey(session, id_hash, ident)
    if gone:
        audit.note("passkey removed", company_id=state.company_id, subject="auth_user", user=str(state.user_id))
        letters.factor_removed(state)
    return gone
