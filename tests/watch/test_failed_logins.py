"""Failed logins: who sees which, and finding one among many."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from leadcrm.auth.services.failures import fingerprint
from tests.auth.accounts import Enrolled, give_password
from tests.auth.conftest import Query
from tests.people import ADA, ANN, EVE, MEG, Person
from tests.world import Browser

ClientAs = Callable[[Person], Browser]
PAGE = "/admin/failed-logins"


@pytest.fixture
def three(app: Flask, enrolled: Enrolled) -> None:
    """Somebody unknown, Ann and Eve were not let in."""
    for person in (ANN, EVE):
        enrolled(person)
    for email in ("stranger@example.org", ANN.email, EVE.email):
        give_password(Browser(app), email, "wrong")


def accounts(page: str) -> list[str]:
    return [account for account in ("s•••@e•••.org", ANN.email, EVE.email) if account in page]


@pytest.mark.usefixtures("three")
def test_managers_see_their_own_and_admins_all(client_as: ClientAs) -> None:
    assert accounts(client_as(MEG).get(PAGE).text) == [ANN.email]
    assert accounts(client_as(ADA).get(PAGE).text) == ["s•••@e•••.org", ANN.email, EVE.email]
    assert client_as(ANN).get(PAGE).status_code == 403


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query_string", "found"),
    [
        ("reason=wrong_password", [ANN.email, EVE.email]),
        ("reason=unknown_account", ["s•••@e•••.org"]),
        ("reason=limited", []),
        ("reason=nonsense", ["s•••@e•••.org", ANN.email, EVE.email]),
        ("days=nonsense&reason=wrong_password", [ANN.email, EVE.email]),
        ("days=1&reason=unknown_account", ["s•••@e•••.org"]),
    ],
)
def test_filters(client_as: ClientAs, query_string: str, found: list[str]) -> None:
    assert accounts(client_as(ADA).get(f"{PAGE}?{query_string}").text) == found


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("typed", ["stranger@example.org", " Stranger@Example.org "])
def test_an_unknown_address_is_found_though_it_is_not_kept(client_as: ClientAs, query: Query, typed: str) -> None:
    page = client_as(ADA).get(PAGE, query_string={"account": typed}).text
    assert "s•••@e•••.org" in page
    assert ANN.email not in page
    assert "stranger" not in str(query("SELECT * FROM auth_failed_login"))


def test_a_period_leaves_older_ones_out(client_as: ClientAs, three: None, query: Query) -> None:
    query("UPDATE auth_failed_login SET at = now() - interval '8 days' WHERE account = %s", ANN.email)
    ada = client_as(ADA)
    assert accounts(ada.get(PAGE).text) == ["s•••@e•••.org", EVE.email]
    assert ANN.email in ada.get(f"{PAGE}?days=30").text
    assert ANN.email in ada.get(f"{PAGE}?days=0").text


def test_newest_first_in_pages(client_as: ClientAs, query: Query) -> None:
    query(
        "INSERT INTO auth_failed_login (company_id, id, at, reason, account, fingerprint, address, user_agent) "
        "SELECT %s, gen_random_uuid(), now() - n * interval '1 minute', 'wrong_password', "
        "'nr' || lpad(n::text, 3, '0'), 1, "
        "'192.0.2.1', '<script>alert(1)</script>' FROM generate_series(1, 130) n",
        MEG.company_id,
    )
    meg, seen, url = client_as(MEG), [], PAGE
    for _ in range(4):
        page = meg.get(url).text
        assert "<script>alert" not in page
        seen += re.findall(r"nr\d{3}", page)
        older = re.search(r'id="page-older" rel="next" href="([^"]+)"', page)
        if older is None:
            break
        url = older[1].replace("&amp;", "&")
    assert seen == [f"nr{number:03d}" for number in range(1, 131)]


def test_nothing_to_show_says_so(client_as: ClientAs) -> None:
    assert "Geen mislukte inlogpogingen" in client_as(MEG).get(PAGE).text


def test_the_fingerprint_is_keyed(app: Flask) -> None:
    with app.app_context():
        assert fingerprint("Ann@Example.org ") == fingerprint("ann@example.org")
        assert fingerprint("ann@example.org") != fingerprint("bob@example.org")
