"""Small guards that no other file looks at by themselves; tests/mutants takes each of them out."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from pydantic import ValidationError

from leadcrm.core.db import session
from leadcrm.core.fields.sealed import NotSealed, Sealed, SealedType
from leadcrm.core.forms import schema
from leadcrm.core.scope import viewing_as
from leadcrm.core.web import guarded
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person as Applicant
from leadcrm.leads.permissions import Leads
from tests.leads.factories import JAN, a_full_lead, a_lead
from tests.people import ANN, Person
from tests.world import Browser, viewer_of

ClientAs = Callable[[Person], Browser]
SCRIPT = "<img src=x onerror=alert(1)>"


@pytest.fixture
def lead(app: Flask) -> str:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        made = str(a_full_lead(next_action=SCRIPT).id)
        session.commit()
    return made


@pytest.mark.asvs("V2.3.3", "V16.5.3")
def test_a_refused_request_is_not_kept(client_as: ClientAs, lead: str, admin_url: str) -> None:
    """From status 400 on everything goes, also what the view had written already."""
    app: Any = client_as(ANN).application

    def halfway() -> Any:
        session.query(Lead).update({"best_time": "kept"})
        return "no", 409

    view = app.view_functions["leads.new_lead"]
    try:
        app.view_functions["leads.new_lead"] = guarded(halfway, Leads.CREATE)
        assert client_as(ANN).get("/leads/new").status_code == 409
    finally:
        app.view_functions["leads.new_lead"] = view
    with psycopg.connect(admin_url) as admin:
        assert admin.execute("SELECT count(*) FROM leads_lead WHERE best_time = 'kept'").fetchone() == (0,)


@pytest.mark.asvs("V15.3.3")
def test_a_schema_takes_no_field_that_it_was_not_given() -> None:
    with pytest.raises(ValidationError):
        schema(Lead, ("goal",)).model_validate({"goal": "", "owner_id": str(uuid4())})


@pytest.mark.asvs("V8.2.3")
def test_only_what_is_sensitive_can_be_opened(client_as: ClientAs, lead: str, admin_url: str) -> None:
    with psycopg.connect(admin_url) as admin:
        row: Any = admin.execute("SELECT id FROM leads_person WHERE lead_id = %s LIMIT 1", [lead]).fetchone()
    base = f"/leads/{lead}/person/{row[0]}/reveal"
    assert client_as(ANN).send(f"{base}/iban").status_code == 200
    for name in ("email", "company_id", "__class__", "metadata"):
        assert client_as(ANN).send(f"{base}/{name}").status_code == 404, name


def test_what_is_not_sealed_does_not_reach_a_sealed_column() -> None:
    for value in ("NL91ABNA0417164300", b"box", Sealed("NL91ABNA0417164300")):
        with pytest.raises(NotSealed):
            SealedType().process_bind_param(value, None)  # type: ignore[arg-type]  # needs no dialect


def test_a_sealed_value_is_never_shown_by_accident(app: Flask) -> None:
    sealed = Sealed("NL91ABNA0417164300")
    assert "0417" not in f"{sealed} {sealed!r} {[sealed]}"
    with app.app_context(), viewing_as(viewer_of(ANN)):
        a_lead(JAN)
        person = session.query(Applicant).first()
        assert person is not None and "0417" not in f"{person.iban} {person.__dict__}"


@pytest.mark.asvs("V1.2.1")
def test_a_cell_of_the_list_is_escaped(client_as: ClientAs, lead: str) -> None:
    page = client_as(ANN).get("/leads/").text
    assert SCRIPT not in page and "&lt;img src=x" in page
