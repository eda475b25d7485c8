"""Where every request of whoever holds a session is held against the lists, half signed in or full."""

import logging
from typing import Any
from uuid import UUID

from leadcrm.addresses.services import rules
from leadcrm.auth.models.failures import Reason
from leadcrm.auth.services import failures
from leadcrm.auth.views.routes import visitor
from leadcrm.core import limits
from leadcrm.core.limits import Allowed
from leadcrm.core.proxy import Address, client_address
from leadcrm.core.scope import Viewer
from leadcrm.core.web import NotAdmitted

ONCE_AN_HOUR = 3600

log = logging.getLogger("leadcrm")


def from_a_permitted_address(holder: Viewer) -> None:
    """Elsewhere the session is worth nothing; back where it may be used, it goes on."""
    address = client_address()
    who = getattr(holder, "behind", None) or holder  # an admin behind broken glass comes from where admins may
    admitted = getattr(who, "asked", {}).get(rules.AT_OPENING)  # asked in the statement that opened the session
    if admitted is None:
        admitted = rules.admits(who.company_id, who.user_id, address)
    if not admitted:
        _record(who, address)
        raise NotAdmitted


def _record(holder: Viewer, address: Address | None) -> None:
    """Once an hour for each session and address: a page that keeps asking must not fill the table."""
    if address is None:
        log.warning("a request whose address nobody can say was refused: see trusted_proxies in the configuration")
    if limits.reserve([Allowed(f"address/{holder.session_id}/{address}", 1, ONCE_AN_HOUR)]) == 0:
        failures.record(Reason.ADDRESS, holder.email, visitor(), holder)


def at_the_door(user_id: UUID, company_id: UUID, address: Address | None, **_more: Any) -> bool:
    """For signing in and password links: the answer to auth's question."""
    return rules.admits(company_id, user_id, address)
