"""How often somebody may try: per account and network, per account, per network, and over all; each moving.

Reserved before a password or code is looked at and given back when it was right, so only failures count. The figures
are Warehouse's (PyPI) or near them; an office of twenty behind one address never meets them.
"""

from collections.abc import Sequence
from math import ceil

from flask_babel import lazy_gettext as _
from limits import parse_many

from leadcrm.auth.services.visitors import Visitor
from leadcrm.core import limits
from leadcrm.core.limits import Allowed

PASSWORD_BOTH = parse_many("5 per 5 minutes; 20 per hour")
PASSWORD_ACCOUNT = parse_many("20 per 15 minutes; 100 per day")
PASSWORD_NETWORK = parse_many("30 per 5 minutes; 200 per hour")
PASSWORD_ALL = parse_many("600 per 5 minutes")
CODE_ACCOUNT = parse_many("5 per 5 minutes; 20 per hour; 50 per day")
CODE_NETWORK = parse_many("30 per 5 minutes; 200 per hour")
RECORDED = parse_many("60 per 5 minutes")  # refused attempts of one network that are worth a row


class TooManyAttempts(Exception):
    """Nothing was looked at; says when to come back."""

    def __init__(self, seconds: float):
        self.seconds = ceil(seconds)
        minutes = ceil(self.seconds / 60)
        self.message = _("There were too many attempts. Try again in %(minutes)s min.", minutes=minutes)
        super().__init__(self.seconds)


def for_password(account: str, visitor: Visitor) -> list[Allowed]:
    """`account` is a fingerprint of the address as typed: never its spelling, never an unbounded text."""
    return [
        *(Allowed.by(item, "password", account, visitor.prefix) for item in PASSWORD_BOTH),
        *(Allowed.by(item, "password", account) for item in PASSWORD_ACCOUNT),
        *(Allowed.by(item, "password from", visitor.prefix) for item in PASSWORD_NETWORK),
        *(Allowed.by(item, "password at all") for item in PASSWORD_ALL),
    ]


def for_code(user_id: object, visitor: Visitor) -> list[Allowed]:
    return [
        *(Allowed.by(item, "code", str(user_id)) for item in CODE_ACCOUNT),
        *(Allowed.by(item, "code from", visitor.prefix) for item in CODE_NETWORK),
    ]


def reserve(wanted: Sequence[Allowed]) -> None:
    """Raises TooManyAttempts."""
    seconds = limits.reserve(wanted)
    if seconds:
        raise TooManyAttempts(seconds)


def worth_recording(visitor: Visitor) -> bool:
    """A flood that the limits already hold back must not fill the table."""
    return limits.reserve([Allowed.by(item, "recorded", visitor.prefix) for item in RECORDED]) == 0
