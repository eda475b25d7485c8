"""Sources, labels and suppliers: managers keep them, and what was agreed for a label counts for its leads."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core.claims import Taken
from leadcrm.core.db import session
from leadcrm.leads.models.source import Label, Source, Supplier
from leadcrm.leads.services import agreements, sections
from tests.auth.races import at_once
from tests.leads.conftest import As
from tests.leads.factories import a_lead, where_from
from tests.people import ADA, ANN, EVE, MEG
from tests.people import Person as Someone
from tests.world import Browser, sign_in_as

ClientAs = Callable[[Someone], Browser]
LABEL = {"name": "Snel Hypotheek", "price": "45,50", "return_days": "14", "exclusive": "yes", "active": "yes"}


def test_a_manager_keeps_them(as_: As, client_as: ClientAs) -> None:
    client = client_as(MEG)
    assert client.send("/leads/sources/supplier/new", {"name": "Leadhuis", "active": "yes"}).status_code == 303
    with as_(MEG):
        supplier = session.scalars(select(Supplier.id)).one()
    typed = LABEL | {"supplier_id": str(supplier)}
    assert client.send("/leads/sources/label/new", typed).status_code == 303
    assert (
        client.send("/leads/sources/source/new", {"name": "Website", "key": "web-1", "active": "yes"}).status_code
        == 303
    )
    page = client.get("/leads/sources").get_data(as_text=True)
    for shown in ("Leadhuis", "Snel Hypotheek", "€ 45,50", "14 dagen", "Website", "web-1"):
        assert shown in page, shown
    with as_(MEG):
        label = session.scalars(select(Label)).one()
        assert (label.price, label.supplier_id, label.exclusive) == (45_50, supplier, True)
        label_id = label.id
    assert client.send(f"/leads/sources/label/{label_id}", typed | {"active": "no"}).status_code == 303
    with as_(MEG):
        assert session.scalars(select(Label.active)).one() is False


REFUSED = [
    ("source", {"name": "Website", "key": "met spatie", "active": "yes"}, "key"),
    ("source", {"name": "Website", "key": "huisvergelijker", "active": "yes"}, "key"),
    ("supplier", {"name": "Huisvergelijker", "active": "yes"}, "name"),
    ("supplier", {"name": "", "active": "yes"}, "name"),
    ("supplier", {"name": "Ander", "kvk": "12", "active": "yes"}, "kvk"),
    ("label", LABEL | {"price": "veel"}, "price"),
    ("label", LABEL | {"return_days": "400"}, "return_days"),
    ("label", LABEL | {"active": ""}, "active"),
    ("label", LABEL | {"supplier_id": str(uuid4())}, "supplier_id"),
]


@pytest.mark.parametrize(("kind", "typed", "name"), REFUSED, ids=[f"{case[0]} {case[2]}" for case in REFUSED])
def test_bad_input(as_: As, client_as: ClientAs, kind: str, typed: dict[str, str], name: str) -> None:
    with as_(MEG):
        where_from()
    response = client_as(MEG).send(f"/leads/sources/{kind}/new", typed)
    assert response.status_code == 422
    assert f'id="{name}-error"' in response.get_data(as_text=True)


def test_only_managers(client_as: ClientAs) -> None:
    assert [client_as(who).get("/leads/sources").status_code for who in (ANN, EVE, ADA)] == [403, 403, 403]


@pytest.mark.parametrize("path", ["nonsense/new", "label/x", f"label/{uuid4()}"], ids=["kind", "id", "missing"])
def test_what_is_not_there(client_as: ClientAs, path: str) -> None:
    assert client_as(MEG).get(f"/leads/sources/{path}").status_code == 404


def test_another_companys_label_is_not_there(as_: As, client_as: ClientAs, worker_app: Any) -> None:
    with as_(MEG):
        label = where_from()[1].id
    assert client_as(MEG).get(f"/leads/sources/label/{label}").status_code == 200
    with as_(EVE):
        assert session.get(Label, label) is None


def test_the_agreement_of_a_label_counts_for_its_leads(as_: As) -> None:
    with as_(MEG):
        source, label, supplier = where_from()
        lead = a_lead(label_id=label.id, source_id=source.id)
        assert (lead.supplier_id, lead.lead_cost) == (supplier.id, 45_00)
        assert lead.return_deadline == lead.created_at + timedelta(days=14)
        dearer = a_lead(label_id=label.id, lead_cost=60_00)
        assert dearer.lead_cost == 60_00
        later = a_lead()
        sections.change(later, later, "source", {"label_id": label.id})
        assert later.lead_cost == 45_00


def test_a_source_out_of_use_stays_with_its_leads(as_: As, client_as: ClientAs) -> None:
    with as_(MEG):
        source, _label, _supplier = where_from()
        lead = a_lead(source_id=source.id)
        session.flush()
        lead_id, source_id = lead.id, source.id
        source.active = False
    client = client_as(MEG)
    assert f'value="{source_id}" selected' in client.get(f"/leads/{lead_id}/source/edit").get_data(as_text=True)
    assert client.send(f"/leads/{lead_id}/source/edit", {"source_id": str(source_id)}).status_code == 303
    assert str(source_id) not in client.get("/leads/new").get_data(as_text=True)
    with as_(MEG):
        assert session.scalars(select(Source.active)).one() is False


def test_two_who_take_one_name_at_once(app: Flask, admin_url: str, as_: As) -> None:
    megs = [sign_in_as(app, MEG, admin_url) for _ in range(4)]
    form = {"name": "Tegelijk", "active": "yes"}
    answers = at_once(4, lambda number: megs[number].send("/leads/sources/supplier/new", form).status_code)
    assert sorted(answers) == [303, 422, 422, 422]
    with as_(MEG):
        other = Supplier(company_id=MEG.company_id, name="Een ander")
        session.add(other)
        session.commit()
        with pytest.raises(Taken):
            agreements.change(other, {"name": "Tegelijk"})
