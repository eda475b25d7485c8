"""What the bar under the list offers to whoever looks."""

from functools import lru_cache

from leadcrm.bulk.services import actions
from leadcrm.bulk.services.actions import Action, Elsewhere
from leadcrm.core.fields.language import current_language
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import address_of, may_open
from leadcrm.leads.views.chosen import Deed


def deeds() -> tuple[Deed, ...]:
    if not may_open("bulk.ask"):
        return ()
    return tuple(_deed(action) for action in actions.offered(signed_in_viewer()))


def _deed(action: Action | Elsewhere) -> Deed:
    if isinstance(action, Elsewhere):
        url = address_of(action.endpoint)
    else:
        url = address_of("bulk.ask_proved" if action.step_up else "bulk.ask")
    return _button(action, url, current_language())


@lru_cache(maxsize=500)
def _button(action: Action | Elsewhere, url: str, _language: str) -> Deed:
    return Deed(action.name, str(action.label), action.icon, url, action.danger, action.name == "assign")
