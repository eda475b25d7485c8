"""Smoke: every page of the administration opens for who may."""

import pytest

from tests.people import ADA, ANN, MEG


@pytest.mark.parametrize("path", ["/admin/users", "/admin/users/new", "/admin/failed-logins", f"/admin/users/{ANN.id}", f"/admin/users/{MEG.id}", "/admin/companies", "/admin/companies/new", f"/admin/companies/{ANN.company_id}"])
@pytest.mark.parametrize("who", [ADA, MEG, ANN], ids=lambda p: p.name)
def test_opens(client_as, path, who):
    expected = 200 if who is ADA or (who is MEG and "compan" not in path) else 403
    answer = client_as(who).get(path)
    assert answer.status_code == expected
