"""How often somebody may try: per account and network, per account, per network, and over all; each moving.

Reserved before a password or code is looked at and given back when it was right, so only failures count. The figures
are Warehouse's (PyPI) or near them; an office of twenty behind one address never meets them. Beyond them the delay
doubles. A browser that the account is known to sign in with has limits of its own: strangers who use up the account's,
the network's or everybody's keep its owner not out, and whoever steals that cookie wins a few guesses a day.
"""

from collections.abc import Sequence
from math import ceil
from uuid import UUID

from flask_babel import lazy_gettext as _
from limits import parse_many

from leadcrm.auth.services import devices
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core import limits
from leadcrm.core.limits import Allowed

A_QUARTER, AN_HOUR = 900, 3600  # seconds that a delay grows to
PASSWORD_BOTH = parse_many("5 per hour")  # then half a minute, a minute, two, ...
PASSWORD_BOTH_DAY = parse_many("50 per day")
PASSWORD_ACCOUNT = parse_many("20 per hour")
PASSWORD_ACCOUNT_DAY = parse_many("100 per day")
PASSWORD_NETWORK = parse_many("30 per 5 minutes")
PASSWORD_NETWORK_HOUR = parse_many("200 per hour")
PASSWORD_ALL = parse_many("600 per 5 minutes")
PASSWORD_DEVICE = parse_many("5 per hour")
PASSWORD_DEVICE_DAY = parse_many("30 per day")
CODE_ACCOUNT = parse_many("5 per 5 minutes; 20 per hour; 50 per day")
CODE_NETWORK = parse_many("30 per 5 minutes; 200 per hour")
CODE_DEVICE = parse_many("5 per 5 minutes; 20 per hour; 30 per day")
RESET_ACCOUNT = parse_many("3 per hour; 6 per day")
RESET_NETWORK = parse_many("20 per hour; 60 per day")
RESET_ALL = parse_many("300 per 5 minutes")
RECORDED = parse_many("60 per 5 minutes")  # refused attempts of one network that are worth a row


class TooManyAttempts(Exception):
    """Nothing was looked at; says when to come back."""

    def __init__(self, seconds: float):
        self.seconds = ceil(seconds)
        minutes = ceil(self.seconds / 60)
        self.message = _("There were too many attempts. Try again in %(minutes)s min.", minutes=minutes)
        super().__init__(self.seconds)


def for_password(account: str, visitor: Visitor, known: bytes | None = None) -> list[Allowed]:
    """`account` is a fingerprint of the address as typed: never its spelling, never an unbounded text.

    `known` is the hash of a browser that the account is known to sign in with.
    """
    if known is not None:
        own = account, known.hex()
        return [
            *(Allowed.by(item, "password known", *own).slowing(30, A_QUARTER) for item in PASSWORD_DEVICE),
            *(Allowed.by(item, "password known", *own) for item in PASSWORD_DEVICE_DAY),
        ]
    both = account, visitor.prefix
    return [
        *(Allowed.by(item, "password", *both).slowing(30, A_QUARTER) for item in PASSWORD_BOTH),
        *(Allowed.by(item, "password", *both) for item in PASSWORD_BOTH_DAY),
        *(Allowed.by(item, "password", account).slowing(60, AN_HOUR) for item in PASSWORD_ACCOUNT),
        *(Allowed.by(item, "password", account) for item in PASSWORD_ACCOUNT_DAY),
        *(Allowed.by(item, "password from", visitor.prefix).slowing(10, A_QUARTER) for item in PASSWORD_NETWORK),
        *(Allowed.by(item, "password from", visitor.prefix) for item in PASSWORD_NETWORK_HOUR),
        *(Allowed.by(item, "password at all").slowing(1, 30) for item in PASSWORD_ALL),
    ]


def for_code(user_id: UUID, visitor: Visitor) -> list[Allowed]:
    """Who gives a code has given the password; so these limits are plain, and a thief's guesses are not its owner's."""
    known = devices.known_as(user_id, visitor)
    if known is not None:
        return [Allowed.by(item, "code known", str(user_id), known.hex()) for item in CODE_DEVICE]
    return [
        *(Allowed.by(item, "code", str(user_id)) for item in CODE_ACCOUNT),
        *(Allowed.by(item, "code from", visitor.prefix) for item in CODE_NETWORK),
    ]


def for_reset(account: str, visitor: Visitor) -> list[Allowed]:
    """Asking for a new password; `account` is a fingerprint, whether or not there is one."""
    return [
        *(Allowed.by(item, "reset", account) for item in RESET_ACCOUNT),
        *(Allowed.by(item, "reset from", visitor.prefix) for item in RESET_NETWORK),
        *(Allowed.by(item, "reset at all") for item in RESET_ALL),
    ]


def reserve(wanted: Sequence[Allowed]) -> None:
    """Raises TooManyAttempts."""
    seconds = limits.reserve(wanted)
    if seconds:
        raise TooManyAttempts(seconds)


def worth_recording(visitor: Visitor) -> bool:
    """A flood that the limits already hold back must not fill the table."""
    return limits.reserve([Allowed.by(item, "recorded", visitor.prefix) for item in RECORDED]) == 0
