"""Sources, labels and suppliers of a company, and what was agreed with them."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from leadcrm.core.claims import claiming
from leadcrm.core.db import session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.source import Label, Source
from leadcrm.leads.services.rules import Problem


def problems(model: Any, values: Mapping[str, Any], besides: Any = None) -> Iterator[Problem]:
    """A name (of a source: its key) stands for one thing only."""
    unique = unique_of(model)
    if unique == "key" and not str(values["key"]).replace("-", "").replace("_", "").isalnum():
        yield "key", _("Use letters, digits and hyphens only.")
    same = select(model.id).where(getattr(model, unique) == values[unique])
    taken = session.scalars(same.where(model.id != besides.id) if besides is not None else same).first()
    if taken is not None:
        yield unique, _("This name is in use already. Choose another one.")


TAKEN = {
    "uq_leads_source_company_id_key": _("This name is in use already. Choose another one."),
    "uq_leads_label_company_id_name": _("This name is in use already. Choose another one."),
    "uq_leads_supplier_company_id_name": _("This name is in use already. Choose another one."),
}


def unique_of(model: Any) -> str:
    """The field whose value stands for one thing only."""
    return "key" if model is Source else "name"


def add(model: Any, values: Mapping[str, Any]) -> Any:
    """Raises Taken when somebody takes the name just now."""
    row = model(company_id=signed_in_viewer().company_id, **values)
    with claiming(TAKEN):
        session.add(row)
    return row


def change(row: Any, values: Mapping[str, Any]) -> None:
    with claiming(TAKEN):
        for name, value in values.items():
            setattr(row, name, value)


def apply_label(lead: Lead) -> None:
    """What was agreed for its label counts for the lead, as far as the lead does not say otherwise."""
    label = session.get(Label, lead.label_id) if lead.label_id else None
    if label is None:
        return
    lead.supplier_id = lead.supplier_id or label.supplier_id
    lead.lead_cost = label.price if lead.lead_cost is None else lead.lead_cost
    lead.exclusive = label.exclusive if lead.exclusive is None else lead.exclusive
    if lead.return_deadline is None and label.return_days is not None:
        lead.return_deadline = lead.created_at + timedelta(days=label.return_days)
