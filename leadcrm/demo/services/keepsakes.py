"""What offices keep in their own way: a few tags, two own fields and saved views."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from leadcrm.auth.permissions import Role
from leadcrm.core.db import session
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import Scope, Viewer, viewing_as
from leadcrm.custom_fields.models import RegisterCategory, RegisterPurpose, Type
from leadcrm.custom_fields.services import definitions, values
from leadcrm.demo.services.offices import Account, Office
from leadcrm.leads.models.lead import Lead
from leadcrm.saved_views.services import at_hand, keeping
from leadcrm.tags.models import Colour, Tag
from leadcrm.tags.services import putting, tags

TAGS = (
    ("Spoed", Colour.RED, "Ontbindende voorwaarden lopen binnen twee weken af"), ("Oud-klant", Colour.BLUE, None),
    ("Ondernemer", Colour.PURPLE, None), ("Tolk nodig", Colour.TEAL, "Plan een gesprek met een tolk erbij"),
)  # fmt: skip
BANKS = ("ING", "Rabobank", "ABN AMRO", "Een andere bank")
EVERY = (7, 5, 11, 13)  # of the newest leads, how many apart those with each tag are
NEWEST = 300


def lay_out(offices: Sequence[Office]) -> None:
    """Once: an office that has tags is left as it is."""
    for office in offices:
        manager = next((account for account in office.accounts if account.role == Role.MANAGER), None)
        if manager is not None:
            with viewing_as(_viewer(office, manager, Scope.COMPANY)):
                if not tags.all_tags():
                    _of_manager(office)
                checkpoint()


def _viewer(office: Office, account: Account, scope: Scope) -> Viewer:
    rights = frozenset({"saved_views.use", "saved_views.share"} if scope == Scope.COMPANY else {"saved_views.use"})
    return Viewer(scope, office.id, account.id, role=str(account.role), permissions=rights)


def _of_manager(office: Office) -> None:
    made = [tags.add({"name": name, "colour": colour, "about": about}) for name, colour, about in TAGS]
    session.flush()
    _put(made)
    _fill_in()
    urgent = keeping.keep("Spoed", urlencode({"tag": str(made[0].id), "stage": "open", "sort": "action"}), True)
    fresh = keeping.keep("Nieuw en nog niet toegewezen", urlencode({"owner": "none", "stage": "new"}), True)
    at_hand.pin(urgent.id, True)
    at_hand.pin(fresh.id, True)
    agent = next(account for account in office.accounts if account.role == Role.AGENT)
    session.flush()
    with viewing_as(_viewer(office, agent, Scope.OWN)):
        mine = keeping.keep("Mijn open leads", urlencode({"stage": "open", "sort": "action"}), False)
        at_hand.pin(urgent.id, True)
        at_hand.pin(mine.id, True)
        session.flush()


def _newest() -> Sequence[Any]:
    wanted = select(Lead).where(Lead.deleted_at.is_(None)).order_by(Lead.created_at.desc(), Lead.id.desc())
    return session.scalars(wanted.limit(NEWEST)).all()


def _put(made: Sequence[Tag]) -> None:
    newest = [(lead.id, lead.created_at) for lead in _newest()]
    for tag, apart in zip(made, EVERY, strict=True):
        putting.write(newest[::apart], [tag.id])


def _fill_in() -> None:
    usual = {
        "help": None, "unit": None, "required": False, "on_new": True, "category": RegisterCategory.PROCESS,
        "purpose": RegisterPurpose.ADVICE, "personal": True, "sensitive": False,
    }  # fmt: skip
    definitions.add(usual | {"name": "Huisbank", "type": Type.CHOICE, "help": "Waar het salaris binnenkomt."}, BANKS)
    definitions.add(usual | {"name": "Nieuwsbrief", "type": Type.YES_NO, "on_new": False}, ())
    bank, letter = definitions.fields()
    for number, lead in enumerate(_newest()[::2]):
        values.save(lead, {bank: bank.options[number % len(BANKS)].key, letter: number % 3 == 0})
