"""Where from somebody may come: other plugins say so, by answering a signal. Asked wherever a session is not yet there.

Sessions that exist pass the gates of the plugins (core.web.pass_gates) on every request.
"""

from typing import Any
from uuid import UUID

from leadcrm.auth.events import coming_in
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core.db import PLATFORM_ID
from leadcrm.core.proxy import canonical

STRANGER = UUID(int=0)


def admits(account: Any, visitor: Visitor) -> bool:
    """`account` has company_id and user_id; None takes as long. One plugin that says no is enough."""
    user_id = STRANGER if account is None else account.user_id
    company_id = PLATFORM_ID if account is None else account.company_id
    answers = coming_in.send(user_id, company_id=company_id, address=canonical(visitor.address))
    return all(answer for _receiver, answer in answers)
