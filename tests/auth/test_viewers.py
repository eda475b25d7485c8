"""Who a job runs as, and what is kept of a browser."""

from uuid import UUID

import pytest
from flask import Flask

from leadcrm.auth.services.viewers import viewer_of
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core.scope import Scope
from tests.auth.conftest import Query
from tests.people import ADA, ANN, ELSEWHERE, HOME, MEG, Person


@pytest.mark.parametrize(("who", "scope"), [(ANN, Scope.OWN), (MEG, Scope.COMPANY), (ADA, Scope.NONE)])
def test_a_job_runs_as_who_asked_for_it(app: Flask, who: Person, scope: Scope) -> None:
    with app.app_context():
        viewer = viewer_of(who.company_id, who.id)
    assert viewer is not None
    assert (viewer.scope, viewer.company_id, viewer.user_id, viewer.role) == (scope, who.company_id, who.id, who.role)
    assert viewer.can("leads.view") is (who is not ADA)
    assert viewer.can("admin.companies") is (who is ADA)


def test_with_the_rights_of_this_moment(worker_app: Flask, query: Query) -> None:
    query(
        "INSERT INTO auth_grant (company_id, id, user_id, permission, granted_at) "
        "VALUES (%s, gen_random_uuid(), %s, 'leads.assign', now())",
        HOME,
        ANN.id,
    )
    with worker_app.app_context():
        ann, meg = viewer_of(HOME, ANN.id), viewer_of(HOME, MEG.id)
        assert ann
        assert meg
        assert ann.can("leads.assign")
        query("DELETE FROM auth_grant")
        assert not viewer_of(HOME, ANN.id).can("leads.assign")  # type: ignore[union-attr]  # she is there


@pytest.mark.parametrize("company", [ELSEWHERE, ANN.id], ids=["elsewhere", "nowhere"])
def test_of_another_company_there_is_nobody(app: Flask, company: UUID) -> None:
    with app.app_context():
        assert viewer_of(company, ANN.id) is None
        assert viewer_of(HOME, HOME) is None


@pytest.mark.parametrize("table", ["auth_user WHERE id = '{ann}'", "auth_company WHERE id = '{home}'"])
def test_who_was_disabled_meanwhile_is_nobody(app: Flask, query: Query, table: str) -> None:
    name, _, where = table.format(ann=ANN.id, home=HOME).partition(" ")
    query(f"UPDATE {name} SET active = false {where}")
    try:
        with app.app_context():
            assert viewer_of(HOME, ANN.id) is None
    finally:
        query(f"UPDATE {name} SET active = true {where}")


CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"


@pytest.mark.parametrize(
    ("header", "device"),
    [
        (CHROME, "Chrome, Linux"),
        (f"{CHROME} Edg/130.0", "Edge, Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) Version/18.0 Safari/605.1.15", "Safari, Mac"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
        ("line\r\nforged: \x1b[31mred", "line forged:  [31mred"),
        ("x" * 1000, "x" * 40),
    ],
)
def test_a_device_is_known_by_browser_and_system(header: str, device: str) -> None:
    assert Visitor("127.0.0.1", header).device == device
    assert len(Visitor("127.0.0.1", header).printable) <= 300
