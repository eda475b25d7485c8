"""Companies that hand out leads, as whoever is looking (a manager)."""

from typing import Any

from leadcrm.core.db import session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.distribution.models.profile import Profile
from leadcrm.distribution.models.rule import Rule, Setting
from leadcrm.distribution.models.terms import Method
from leadcrm.distribution.services import setting_up
from tests.people import Person

ALWAYS = {str(day): ["00:00", "23:59"] for day in range(7)}
ROUND_ROBIN: dict[str, Any] = {
    "active": True, "how": Method.ROUND_ROBIN, "regions": None, "goals": [], "employments": [], "languages": [],
    "label_ids": [], "source_ids": [], "agent_ids": [], "traits": [],
}  # fmt: skip


def switched_on(minutes: int | None = None, most_offers: int = 3) -> Setting:
    setting = setting_up.setting_of(signed_in_viewer().company_id)
    setting_up.save_setting(setting, {"active": True, "claim_minutes": minutes, "most_offers": most_offers})
    session.flush()
    return setting


def a_rule(name: str = "Iedereen", **values: Any) -> Rule:
    made = setting_up.save_rule(None, ROUND_ROBIN | {"name": name} | values, signed_in_viewer())
    session.flush()
    return made


def a_profile(who: Person, **values: Any) -> Profile:
    """Somebody who takes part, day and night."""
    made = setting_up.fresh_profile(who.company_id, who.id)
    setting_up.save_profile(made, {"hours": ALWAYS, "works_holidays": True} | values)
    session.flush()
    return made
