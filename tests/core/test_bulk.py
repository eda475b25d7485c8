"""Many rows at once obey the same rules as one."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from leadcrm.core import bulk
from leadcrm.core.db import CrmSession, session
from leadcrm.core.reveal import peek
from leadcrm.core.scope import OutOfScope, viewing_as
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person as Applicant
from tests.people import ANN, BOB, EVE, HOME, MEG
from tests.world import viewer_of


def leads(count: int, **values: Any) -> list[dict[str, Any]]:
    rows = []
    for number in range(count):
        row = {"company_id": HOME, "id": uuid4(), "owner_id": ANN.id, "reference": f"B-{number}"}
        rows.append(row | {"household_name": "x", "sort_name": "x", "contact_attempts": 0, "stage": "new"} | values)
    return rows


def test_rows_arrive_with_their_defaults(app: Flask) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        assert bulk.write(session, Lead, leads(3)) == 3  # type: ignore[arg-type]  # the proxy stands for one
        found = session.scalars(select(Lead)).all()
        assert len(found) == 3 and all(lead.created_at for lead in found)


def test_sealed_values_are_sealed(app: Flask, admin_url: str) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        rows = leads(1)
        bulk.write(session, Lead, rows)  # type: ignore[arg-type]  # the proxy stands for one
        person = {"company_id": HOME, "id": uuid4(), "lead_id": rows[0]["id"], "position": 1}
        person["iban"] = "NL91ABNA0417164300"
        bulk.write(session, Applicant, [person])  # type: ignore[arg-type]  # the proxy stands for one
        assert peek(session.scalars(select(Applicant)).one(), "iban") == "NL91ABNA0417164300"
        session.commit()
    with psycopg.connect(admin_url) as admin:
        stored = admin.execute("SELECT iban FROM leads_person").fetchone()
        assert stored and b"ABNA" not in bytes(stored[0])


@pytest.mark.parametrize(
    "forged", [{"owner_id": BOB.id}, {"owner_id": None}, {"company_id": EVE.company_id, "owner_id": EVE.id}]
)
def test_rows_out_of_scope_are_refused(app: Flask, forged: dict[str, Any]) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)), pytest.raises((OutOfScope, ProgrammingError, psycopg.Error)):
        bulk.write(session, Lead, leads(2) + leads(1, reference="B-x", **forged))  # type: ignore[arg-type]


def test_the_orms_wall_alone_refuses_them(worker_app: Flask) -> None:
    """With the database told that everything may be written, what the viewer may see still decides."""
    with CrmSession(worker_app.extensions["database"].engine) as own, viewing_as(viewer_of(ANN)):
        own.begin()
        own.execute(text("SELECT set_config('role', 'leadcrm_all', true)"))
        with worker_app.app_context(), pytest.raises(OutOfScope):
            bulk.write(own, Lead, leads(1, owner_id=BOB.id))


def test_a_manager_writes_for_her_agents(app: Flask) -> None:
    with app.app_context(), viewing_as(viewer_of(MEG)):
        assert bulk.write(session, Lead, leads(2, owner_id=BOB.id)) == 2  # type: ignore[arg-type]


def test_nothing_is_nothing(app: Flask) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        assert bulk.write(session, Lead, []) == 0  # type: ignore[arg-type]


def test_the_same_values_for_many_leave_a_line_each(app: Flask) -> None:
    with app.app_context(), viewing_as(viewer_of(MEG)):
        rows = leads(3)
        bulk.write(session, Lead, rows)  # type: ignore[arg-type]  # the proxy stands for one
        ids = [row["id"] for row in rows]
        assert bulk.change(session, Lead, ids[:2], {"owner_id": BOB.id, "goal": None}) == 2
        waiting = session.info["audit"][HOME]
        assert {line.row_id: line.details for line in waiting} == {
            ident: {"owner_id": [str(ANN.id), str(BOB.id)]} for ident in ids[:2]
        }
        assert bulk.change(session, Lead, [], {"owner_id": BOB.id}) == 0
        assert sorted(session.scalars(select(Lead.owner_id)), key=str) == sorted([ANN.id, BOB.id, BOB.id], key=str)


def test_one_that_is_not_theirs_refuses_the_change_of_all(app: Flask) -> None:
    with app.app_context():
        with viewing_as(viewer_of(MEG)):
            rows = leads(2) + leads(1, owner_id=BOB.id, reference="B-9")
            bulk.write(session, Lead, rows)  # type: ignore[arg-type]  # the proxy stands for one
            session.commit()
        with viewing_as(viewer_of(ANN)), pytest.raises(OutOfScope):
            bulk.change(session, Lead, [row["id"] for row in rows], {"contact_attempts": 3})


def test_the_orms_wall_alone_refuses_a_change_that_goes_too_far(worker_app: Flask) -> None:
    """Giving away what one sees no longer afterwards, with the database told that everything may be written."""
    with worker_app.app_context():
        with viewing_as(viewer_of(ANN)):
            rows = leads(1)
            bulk.write(session, Lead, rows)  # type: ignore[arg-type]  # the proxy stands for one
            session.commit()
        with CrmSession(worker_app.extensions["database"].engine) as own, viewing_as(viewer_of(ANN)):
            own.begin()
            own.execute(text("SELECT set_config('role', 'leadcrm_all', true)"))
            with pytest.raises(OutOfScope):
                bulk.change(own, Lead, [rows[0]["id"]], {"owner_id": BOB.id})


def test_sealed_values_are_not_the_same_in_many(app: Flask) -> None:
    with app.app_context(), viewing_as(viewer_of(ANN)), pytest.raises(TypeError):
        bulk.change(session, Applicant, [uuid4()], {"iban": "NL91ABNA0417164300"})
