"""Own fields: definitions, values and what keeps them, the list, new leads, imports, and hidden ones."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import select

from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import signed_in_viewer
from leadcrm.custom_fields.forms import OwnForm
from leadcrm.custom_fields.models import Definition, Found, Type
from leadcrm.custom_fields.services import definitions, values
from leadcrm.custom_fields.services.definitions import OwnField
from leadcrm.imports.services import writing
from leadcrm.imports.services.judging import judge
from leadcrm.imports.services.mapping import Column, Mapping
from leadcrm.imports.services.plan import Plan
from leadcrm.imports.services.suggest import target_named
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Goal
from tests.custom_fields.conftest import As
from tests.custom_fields.factories import a_field
from tests.leads.factories import a_lead
from tests.people import ANN, BOB, EVE, MEG
from tests.people import Person as Someone
from tests.world import Browser

ClientAs = Callable[[Someone], Browser]

TYPED = [
    (Type.TEXT, " Blauw ", "Blauw", "Blauw"),
    (Type.LONG_TEXT, "een\r\ntwee", "een\ntwee", "een\ntwee"),
    (Type.NUMBER, "1.250", 1250, "1.250"),
    (Type.MONEY, "1.250,50", 125_050, "€ 1.250,50"),
    (Type.DATE, "3-4-2026", date(2026, 4, 3), "3 apr 2026"),
    (Type.YES_NO, "ja", True, "Ja"),
]


@pytest.mark.parametrize(("type_", "typed", "value", "shown"), TYPED, ids=[str(each[0]) for each in TYPED])
def test_every_type_is_read_kept_and_shown(as_: As, type_: Type, typed: str, value: Any, shown: str) -> None:
    with as_(MEG):
        field = a_field("Eigen", type_)
        form = OwnForm([field])
        assert form.read({f"own-{field.key}": typed})
        assert form.chosen == {field: value}
        lead = a_lead()
        assert values.save(lead, form.chosen)
        assert not values.save(lead, form.chosen)  # nothing new
        lead_id, key = lead.id, field.key
    with as_(MEG):
        again = definitions.field_of(key)
        assert again is not None
        assert values.value_in(values.texts_of(session.get(Lead, lead_id)), again) == value
        assert again.kind.show(value).replace("\xa0", " ") == shown


def test_what_is_wrong_is_said_beside_the_field(as_: As) -> None:
    with as_(MEG):
        fields = [a_field("Datum", Type.DATE), a_field("Merk", Type.CHOICE, ["A", "B"]), a_field("Moet", required=True)]
        form = OwnForm(fields)
        assert not form.read({f"own-{fields[0].key}": "morgen", f"own-{fields[1].key}": "C"})
        assert [len(shown.errors) for shown in form] == [1, 1, 1]
        assert form.fields[fields[0].key].value == "morgen"


def test_a_citizen_service_number_is_no_field_and_no_value(as_: As) -> None:
    with as_(MEG):
        for name in ("BSN", "Burgerservicenummer partner"):
            with pytest.raises(Invalid):
                a_field(name)
        field = a_field("Opmerking")
        assert not OwnForm([field]).read({f"own-{field.key}": "BSN 111222333"})


def test_choices_that_go_stay_with_the_leads_that_have_them(as_: As) -> None:
    with as_(MEG):
        field = a_field("Bank", Type.CHOICE, ["Rood", "Groen", "Blauw"])
        red, green, blue = (option.key for option in field.options)
        row = session.get(Definition, field.id)
        given = {name: getattr(row, name) for name in ("name", "help", "required")}
        definitions.change(row, given, {red: "Rood", green: "", blue: "Donkerblauw"}, ["Geel"])
        changed = definitions.field_of(field.key)
        assert changed is not None
        assert [label for _key, label in changed.kind.options] == ["Rood", "Donkerblauw", "Geel"]
        assert changed.kind.show(green) == "Groen"
        form = OwnForm([changed])
        assert not form.read({f"own-{field.key}": green})
        assert OwnForm([changed]).show({changed: green}).read({f"own-{field.key}": green})


@pytest.fixture
def colour(as_: As) -> OwnField:
    with as_(MEG):
        return a_field("Kleur", Type.CHOICE, ["Rood", "Groen"])


@pytest.fixture
def leads(as_: As, colour: OwnField) -> dict[str, UUID]:
    """Aa and Claus are red, Bos is green, Dam has no colour; Claus is Bob's."""
    red, green = (option.key for option in colour.options)
    with as_(MEG):
        made = {}
        for name, owner, value in (("Aa", ANN, red), ("Bos", ANN, green), ("Claus", BOB, red), ("Dam", ANN, None)):
            lead = a_lead({"birth_name": name}, owner_id=owner.id)
            values.save(lead, {colour: value})
            made[name] = lead.id
        return made


def found_of(lead_id: UUID) -> dict[str, str]:
    rows = session.execute(select(Found.key, Found.value).where(Found.lead_id == lead_id))
    return {row.key: row.value for row in rows}


def test_the_database_keeps_what_lists_find(as_: As, colour: OwnField, leads: dict[str, UUID]) -> None:
    red, green = (option.key for option in colour.options)
    with as_(MEG):
        text = a_field("Lang", Type.LONG_TEXT)
        assert found_of(leads["Aa"]) == {colour.key: red}
        lead = session.get(Lead, leads["Aa"])
        values.save(lead, {colour: green, text: "een verhaal"})
        session.flush()
        assert found_of(leads["Aa"]) == {colour.key: green}
        lead.created_at -= timedelta(days=2)
        session.flush()
        moments = select(Found.lead_created_at).where(Found.lead_id == lead.id)
        assert session.scalars(moments).one() == lead.created_at
        values.save(lead, {colour: None, text: None})
        session.flush()
        assert found_of(leads["Aa"]) == {}
        assert lead.custom is None


def test_nobody_finds_values_of_the_leads_of_others(as_: As, colour: OwnField, leads: dict[str, UUID]) -> None:
    for person, seen in ((ANN, 2), (BOB, 1), (EVE, 0), (MEG, 3)):
        with as_(person):
            assert len(session.scalars(select(Found)).all()) == seen, person.name


def test_nobody_writes_what_lists_find(as_: As, colour: OwnField, leads: dict[str, UUID]) -> None:
    with as_(MEG):
        session.add(Found(company_id=MEG.company_id, lead_id=leads["Dam"], key=colour.key, value="x",
                          lead_created_at=now()))  # fmt: skip
        with pytest.raises(Exception, match="permission denied"):
            session.flush()


def names_in(client: Browser, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200
    return [name for name in ("Aa", "Bos", "Claus", "Dam") if f">{name}</a>" in answer.text]


def test_the_list_of_one_value(client_as: ClientAs, colour: OwnField, leads: dict[str, UUID]) -> None:
    red = colour.options[0].key
    for sort in ("", "&sort=created", "&sort=name", "&sort=-action"):
        assert names_in(client_as(MEG), f"/leads/?own.{colour.key}={red}{sort}") == ["Aa", "Claus"]
        assert names_in(client_as(ANN), f"/leads/?own.{colour.key}={red}{sort}") == ["Aa"]
    assert names_in(client_as(MEG), f"/leads/?own.{colour.key}=paars") == ["Aa", "Bos", "Claus", "Dam"]


def test_two_values_at_once(as_: As, client_as: ClientAs, colour: OwnField, leads: dict[str, UUID]) -> None:
    with as_(MEG):
        other = a_field("Groot", Type.YES_NO)
        values.save(session.get(Lead, leads["Aa"]), {other: True})
        values.save(session.get(Lead, leads["Dam"]), {other: True})
    asked = f"/leads/?own.{other.key}=yes&own.{colour.key}={colour.options[0].key}"
    assert names_in(client_as(MEG), asked) == names_in(client_as(ANN), asked) == ["Aa"]
    assert names_in(client_as(BOB), asked) == []


def test_columns_and_menus(client_as: ClientAs, colour: OwnField, leads: dict[str, UUID]) -> None:
    client = client_as(ANN)
    page = client.get(f"/leads/?column=own.{colour.key}").text
    assert page.count('data-label="Kleur"') == 3
    assert ">Rood</td>" in page
    assert f'value="own.{colour.key}"' in client.part("/leads/columns").text
    assert f'name="own.{colour.key}"' in client.part("/leads/filters").text
    assert colour.key not in client_as(EVE).part("/leads/columns").text


def test_a_field_that_was_removed_is_hidden_and_comes_back_with_its_values(
    as_: As, client_as: ClientAs, colour: OwnField, leads: dict[str, UUID]
) -> None:
    client, red = client_as(MEG), colour.options[0].key
    assert client.send(f"/own-fields/{colour.id}/remove").status_code == 303
    client.get("/own-fields/")
    page = client.get(f"/leads/?own.{colour.key}={red}&column=own.{colour.key}&column=goal").text
    assert "er niet meer is" in page
    assert all(f">{name}</a>" in page for name in leads)
    assert "Rood" not in client.part(f"/own-fields/leads/{leads['Aa']}").text
    client.send(f"/own-fields/{colour.id}/restore")
    assert "Rood" in client.part(f"/own-fields/leads/{leads['Aa']}").text


def test_filling_in(as_: As, client_as: ClientAs, colour: OwnField, leads: dict[str, UUID], admin_url: str) -> None:
    client, green = client_as(ANN), colour.options[1].key
    base = f"/own-fields/leads/{leads['Dam']}"
    assert client.send(f"{base}/edit", {f"own-{colour.key}": "paars"}).status_code == 422
    assert client.send(f"{base}/edit", {f"own-{colour.key}": green}).status_code == 303
    assert "Groen" in client.part(base).text
    assert client.send(f"/own-fields/leads/{leads['Claus']}/edit", {}).status_code == 404
    with psycopg.connect(admin_url) as admin:
        (body,) = admin.execute(
            "SELECT body FROM core_audit_line WHERE row_id = %s AND action = 'changed' AND body LIKE '%%Kleur%%' "
            "ORDER BY seq DESC LIMIT 1", [leads["Dam"]]
        ).fetchone() or ("",)  # fmt: skip
        assert "Groen" not in body  # it says something of a person: old and new are sealed beside the line
        assert set(json.loads(body)["details"]["changes"]["Kleur"]) == {"value"}


SECRET = "Stamboeknummer 4711"


@pytest.fixture
def hidden(as_: As) -> tuple[OwnField, UUID]:
    with as_(MEG):
        field = a_field("Geheim", sensitive=True)
        lead = a_lead({"birth_name": "Aa"}, owner_id=ANN.id)
        values.save(lead, {field: SECRET})
        return field, lead.id


def test_a_hidden_value_is_sealed_masked_and_its_reading_logged(
    client_as: ClientAs, hidden: tuple[OwnField, UUID], admin_url: str
) -> None:
    field, lead_id = hidden
    client = client_as(ANN)
    assert "4711" not in client.part(f"/own-fields/leads/{lead_id}").text
    listed = client.get(f"/leads/?column=own.{field.key}").text
    assert "••••" in listed
    assert "4711" not in listed
    with psycopg.connect(admin_url) as admin:
        row = admin.execute("SELECT custom::text, custom_sealed FROM leads_lead WHERE id = %s", [lead_id]).fetchone()
        assert row is not None
        assert row[0] is None
        assert b"4711" not in row[1]
        logged = "SELECT count(*) FROM core_audit_line WHERE action = 'revealed' AND body LIKE '%%Geheim%%'"
        assert admin.execute(logged).fetchone() == (0,)
        assert SECRET in client.send(f"/own-fields/leads/{lead_id}/reveal", {"field": field.key}).text
        assert admin.execute(logged).fetchone() == (1,)
        assert SECRET in client.get(f"/own-fields/leads/{lead_id}/edit").text
        assert admin.execute(logged).fetchone() == (2,)


def test_who_may_not_see_a_hidden_value_does_not_wipe_it(
    as_: As, client_as: ClientAs, hidden: tuple[OwnField, UUID], monkeypatch: pytest.MonkeyPatch, app: Any
) -> None:
    field, lead_id = hidden
    monkeypatch.setattr("leadcrm.custom_fields.views.lead._unseen", lambda lead: frozenset({field.key}))
    client_as(ANN).send(f"/own-fields/leads/{lead_id}/edit", {f"own-{field.key}": ""})
    with as_(ANN):
        assert values.texts_of(session.get(Lead, lead_id)) == {field.key: SECRET}


def test_hidden_values_are_no_filter(client_as: ClientAs, hidden: tuple[OwnField, UUID]) -> None:
    client = client_as(ANN)
    assert "er niet meer is" in client.get(f"/leads/?own.{hidden[0].key}=x").text
    assert hidden[0].key not in client.part("/leads/filters").text


def test_a_new_lead_with_own_fields(as_: As, client_as: ClientAs) -> None:
    with as_(MEG):
        must, also = a_field("Moet", required=True), a_field("Ook", Type.YES_NO, on_new=True)
        a_field("Niet")
    client = client_as(ANN)
    assert client.get("/leads/new").text.count('id="own-') == 2
    typed = {"birth_name": "Nieuw", "goal": "remortgage"}
    assert client.send("/leads/new", typed).status_code == 422
    answer = client.send("/leads/new", typed | {f"own-{must.key}": "Iets", f"own-{also.key}": "no"})
    assert answer.status_code == 303
    with as_(ANN):
        lead = session.get(Lead, UUID(answer.location.rsplit("/", 1)[1]))
        assert values.texts_of(lead) == {must.key: "Iets", also.key: "no"}


def test_imported(as_: As, colour: OwnField) -> None:
    with as_(MEG):
        secret = a_field("Geheim", sensitive=True)
        assert target_named("kleur") == f"own.{colour.key}"
        columns = {"naam": Column("applicant.birth_name"), "kleur": Column(f"own.{colour.key}"),
                   "geheim": Column(f"own.{secret.key}")}  # fmt: skip
        plan = Plan(list(columns), Mapping(columns, {"lead.goal": str(Goal.REMORTGAGE)}), {})
        read = plan.read(["Aa", "groen", "4711"])
        assert not read.problems
        assert plan.read(["Bos", "paars", ""]).problems
        assert writing.write(signed_in_viewer(), uuid4(), [read.household, plan.read(["Bos", "", ""]).household]) == 2
    with as_(MEG):
        first, second = session.scalars(select(Lead).order_by(Lead.household_name)).all()
        assert values.texts_of(first) == {colour.key: colour.options[1].key, secret.key: "4711"}
        assert found_of(first.id) == {colour.key: colour.options[1].key}
        assert values.texts_of(second) == {}


def test_a_required_one_is_asked_of_a_file_too(as_: As) -> None:
    """Of the mapping, and of every line, whether or not it says anything else of the office's own."""
    with as_(MEG):
        must, also = a_field("Moet", required=True), a_field("Ook")
        of_lead = {"lead.goal": str(Goal.REMORTGAGE)}
        columns = {"naam": Column("applicant.birth_name"), "ook": Column(f"own.{also.key}")}
        assert [target.key for target in Mapping(columns, of_lead).missing()] == [f"own.{must.key}"]
        assert Mapping(columns, of_lead | {f"own.{must.key}": "Iets"}).missing() == []
        plan = Plan(["naam", "ook", "moet"], Mapping(columns | {"moet": Column(f"own.{must.key}")}, of_lead), {})
        for cells in (["Aa", "", ""], ["Aa", "wel", ""]):
            (problem,) = plan.read(cells).problems
            assert (problem.title, problem.target) == ("", f"own.{must.key}") and "Moet" in str(problem.message)
            (verdict,) = judge(MEG.company_id, plan, [(2, cells)], None, {})
            assert verdict.fatal
        assert not plan.read(["Aa", "", "Iets"]).problems


def test_a_company_knows_only_its_own_fields(as_: As, colour: OwnField) -> None:
    with as_(EVE):
        assert definitions.fields() == ()
        assert target_named("kleur") == ""


def test_managing(as_: As, client_as: ClientAs) -> None:
    client = client_as(MEG)
    usual = {"name": "Kleur", "type": "choice", "category": "process", "purpose": "advice", "personal": "no"}
    assert "Eerste veld maken" in client.get("/own-fields/").text
    assert client.send("/own-fields/new", usual | {"choices": "Rood"}).status_code == 422
    assert client.send("/own-fields/new", usual | {"choices": "Rood\nGroen"}).status_code == 303
    assert client.send("/own-fields/new", usual | {"name": "Bsn", "type": "text"}).status_code == 422
    assert client.send("/own-fields/new", usual | {"name": "Tweede", "type": "number"}).status_code == 303
    with as_(MEG):
        first, second = (field.id for field in definitions.fields())
        red, green = (option.key for option in definitions.fields()[0].options)
    assert client.send(f"/own-fields/{second}/move", {"step": "up"}).status_code == 303
    assert 'value="Rood"' in client.get(f"/own-fields/{first}").text
    changed = usual | {"name": "Tint", f"choice-{red}": "Rood", f"choice-{green}": "", "choices": "Geel"}
    assert client.send(f"/own-fields/{first}", changed).status_code == 303
    with as_(MEG):
        assert [field.name for field in definitions.fields()] == ["Tweede", "Tint"]
        assert [label for _key, label in definitions.fields()[1].kind.options] == ["Rood", "Geel"]
    assert client_as(ANN).get("/own-fields/").status_code == 403
