"""In the list of leads and on today's page of managers: leads that wait until somebody can take them."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select

from leadcrm.core.scope import signed_in_viewer
from leadcrm.distribution.models.claim import Waiting
from leadcrm.distribution.permissions import Distribution
from leadcrm.distribution.services import without_owner
from leadcrm.followup.services.beside import Offer
from leadcrm.followup.views.parts import capped
from leadcrm.leads.queries.extras import Extra, Field
from leadcrm.leads.queries.lists import Column, Narrowing

FILTER, ON = "waiting", "yes"


def _manages() -> bool:
    return signed_in_viewer().can(Distribution.MANAGE)


class InList(Extra):
    """For who may see what waits."""

    def knows(self, name: str) -> bool:
        return name == FILTER

    def columns(self) -> Sequence[Column]:
        return ()

    def fields(self) -> Sequence[Field]:
        return [Field(FILTER, self.label_of(FILTER), ((ON, self.said),))] if _manages() else []

    def narrowing(self, name: str, typed: str) -> Narrowing | None:
        return Narrowing(name, self.label_of(name), self.said, narrow) if typed == ON and _manages() else None

    def label_of(self, name: str) -> str:
        return str(_("Distribution"))

    @property
    def said(self) -> str:
        return str(_("Waits for an owner"))


def narrow(statement: Select[Any]) -> Select[Any]:
    return statement.join(Waiting, without_owner.ITS_LEAD).where(without_owner.STILL)


def _line(found: int) -> str:
    return str(ngettext(
        "%(count)s lead waits without an owner", "%(count)s leads wait without an owner", found, count=capped(found)
    ))  # fmt: skip


BESIDE_TODAY = Offer(_manages, without_owner.waiting, _line, f"/leads/?{FILTER}={ON}")  # on top of a manager's day
