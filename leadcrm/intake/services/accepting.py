"""The moment from which nothing is lost: one sealed row, in the transaction of the request, and a receipt."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn
from uuid import UUID

from limits import parse_many

from leadcrm.core import limits
from leadcrm.core.db import session
from leadcrm.core.ids import id_in_order
from leadcrm.core.limits import Allowed
from leadcrm.core.scope import viewing_as
from leadcrm.intake.models.terms import Way
from leadcrm.intake.services import content as contents
from leadcrm.intake.services import doors, secrets
from leadcrm.intake.services.content import Content
from leadcrm.intake.services.doors import Parcel

WRONG_KEYS = parse_many("30 per 5 minutes; 300 per day")
REFERENCE = "external_reference"
REFERENCES = (REFERENCE, f"lead.{REFERENCE}", "kenmerk", "referentie", "reference", "lead_id", "leadid")


class WrongKey(Exception):
    """No such key, revoked, of another source, of a source that takes nothing: all the same to who asks."""


class Busy(Exception):
    """More than may come from here; says after how many seconds to try again."""

    def __init__(self, seconds: float):
        self.seconds = max(1, round(seconds))
        super().__init__(self.seconds)


class Differs(Exception):
    """This Idempotency-Key stood with another lead before. The receipt is that one's."""

    def __init__(self, receipt: UUID):
        self.receipt = receipt
        super().__init__(str(receipt))


@dataclass(frozen=True)
class Receipt:
    id: UUID
    again: bool = False


def accept(key: str, source: str, way: Way, content: Content, network: str, repeat: str = "") -> Receipt:
    """`repeat` is the sender's Idempotency-Key. Raises WrongKey, Busy, Differs."""
    key_hash = secrets.hash_of(key)
    with viewing_as(None):
        try:
            company_id = _company_of(key_hash, source)
        except LookupError:
            refuse(network)
        parcel = parcel_of(company_id, content, repeat)
        became = doors.accept(session, key_hash, source, str(way), parcel)
    if became.outcome == "dead":
        refuse(network)
    return receipt_of(became)


@lru_cache(maxsize=4096)
def _company_of(key_hash: bytes, source: str) -> UUID:
    """Remembered, since a key is of one company for ever; whether it opens anything still is asked with every arrival.

    Raises LookupError, which is not remembered.
    """
    owner = doors.key_of(session, key_hash, source)
    if owner is None:
        raise LookupError(source)
    company_id: UUID = owner.company_id
    return company_id


def receipt_of(became: Any) -> Receipt:
    if became.outcome == "busy":
        raise Busy(60)
    if became.outcome == "differs":
        raise Differs(became.receipt)
    return Receipt(became.receipt, became.outcome == "again")


def refuse(network: str) -> NoReturn:
    """Who comes with wrong keys is counted, so that trying costs them and not us."""
    seconds = limits.reserve([Allowed.by(item, "intake key", network) for item in WRONG_KEYS])
    raise Busy(seconds) if seconds else WrongKey(network)


def parcel_of(company_id: UUID, content: Content, repeat: str = "") -> Parcel:
    """The same reference with the same contents is the same lead; with others it is another arrival, held to the first
    by its reference when it becomes a lead."""
    content, ident = contents.without_numbers(content), id_in_order()
    digest = secrets.fingerprint(company_id, b"content", contents.packed(content))
    reference = reference_in(content)
    mark = None
    if repeat:
        mark = secrets.fingerprint(company_id, b"repeat", repeat.encode())
    elif reference:
        mark = secrets.fingerprint(company_id, b"reference", reference.encode(), digest)
    return Parcel(ident, contents.seal(content, company_id, ident), mark, digest)


def reference_in(content: Content) -> str:
    named = {name.lower(): text for name, text in content.fields.items()}
    return next((named[name] for name in REFERENCES if name in named), "")


def state_of(key: str, source: str, ident: UUID, network: str) -> Any:
    """What became of an arrival; None when this key brought none such."""
    key_hash = secrets.hash_of(key)
    with viewing_as(None):
        if doors.key_of(session, key_hash, source) is None:
            refuse(network)
        return doors.receipt(session, key_hash, source, ident)
