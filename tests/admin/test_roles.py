"""A role belongs to a sort of company: admins are of the platform, and the platform has only admins."""

from collections.abc import Callable

import pytest

from tests.auth.conftest import Query
from tests.people import ADA, ANN, EVE, MEG, Person
from tests.world import Browser

ClientAs = Callable[[Person], Browser]


@pytest.mark.parametrize(
    ("who", "whom", "role", "status"),
    [
        (MEG, ANN, "admin", 422),
        (ADA, ANN, "admin", 422),
        (ADA, EVE, "companymanager", 303),
        (MEG, ANN, "companymanager", 303),
        (MEG, ANN, "king", 422),
    ],
)
def test_who_makes_whom_what(
    client_as: ClientAs, query: Query, who: Person, whom: Person, role: str, status: int
) -> None:
    try:
        form = {"name": whom.name, "role": role, "active": "yes"}
        assert client_as(who).send(f"/admin/users/{whom.id}", form).status_code == status
        [(now,)] = query("SELECT role FROM auth_user WHERE id = %s", whom.id)
        assert now == (role if status == 303 else whom.role)
    finally:
        query("UPDATE auth_user SET role = %s WHERE id = %s", whom.role, whom.id)


def test_an_admin_of_the_platform_becomes_nothing_else(client_as: ClientAs, query: Query) -> None:
    query(
        "INSERT INTO auth_user (company_id, id, email, name, role, active, created_at, updated_at) "
        "VALUES (%s, %s, 'ada2@example.org', 'Ada Twee', 'admin', true, now(), now())",
        ADA.company_id,
        "5c7f8a44-0f0b-4d5e-9d7e-6f7c3b1a2d91",
    )
    try:
        form = {"name": "Ada Twee", "role": "agent", "active": "yes"}
        path = "/admin/users/5c7f8a44-0f0b-4d5e-9d7e-6f7c3b1a2d91"
        assert client_as(ADA).send(path, form).status_code == 422
    finally:
        query("DELETE FROM auth_user WHERE email = 'ada2@example.org'")
