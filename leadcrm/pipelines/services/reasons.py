"""The company's own reasons for closing a lead."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from leadcrm.core.claims import claiming
from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.leads.models.terms import CLOSED, Stage
from leadcrm.pipelines.models.pipeline import Reason

BY_THEMSELVES = frozenset({Stage.DUPLICATE, Stage.RETURNED})  # say why already


def active_reasons(company_id: UUID) -> Sequence[Reason]:
    asked = select(Reason).where(Reason.company_id == company_id, Reason.active)
    return session.scalars(asked.order_by(Reason.name)).all()


def reasons_for(company_id: UUID, stage: Stage) -> Sequence[Reason]:
    """Those to choose from; none when the stage closes nothing or the company has no reasons of its own."""
    if stage not in CLOSED:
        return ()
    usual = () if stage in BY_THEMSELVES else (None,)
    return [each for each in active_reasons(company_id) if each.stage in (stage, *usual)]


def named(reasons: Sequence[Reason], ident: UUID | None, text: str | None) -> Reason | None:
    """The one that was chosen, or whose name was given as the reason: a mass change or a connection knows no ids."""
    if ident is not None:
        return next((each for each in reasons if each.id == ident), None)
    said = (text or "").strip().casefold()
    return next((each for each in reasons if each.name.casefold() == said), None)


def all_reasons(company_id: UUID) -> Sequence[Reason]:
    """Those that are not used any more last."""
    asked = select(Reason).where(Reason.company_id == company_id).order_by(Reason.active.desc(), Reason.name)
    return session.scalars(asked).all()


def save_reason(reason: Reason | None, values: Mapping[str, Any]) -> Reason:
    """A new one, or this one in other words. Raises Taken when there is one with this name."""
    if values["stage"] is not None and values["stage"] not in CLOSED:
        raise Invalid(_("Choose a stage that closes a lead."))
    taken = _("There is one with this name already. Choose another name.")
    with claiming({"uq_pipelines_reason_company_id_name": taken}):
        kept = reason or Reason(company_id=values["company_id"])
        for name, value in values.items():
            setattr(kept, name, value)
        session.add(kept)
        session.flush()
    return kept
