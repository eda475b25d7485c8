"""The plain listener says where https is, and nothing else."""

import pytest
from werkzeug.test import Client, TestResponse

from leadcrm.core.server import redirects

BASE = "https://crm.kantoor.nl"
HOSTS = ("crm.kantoor.nl", "localhost", "[::1]")


def ask(method: str = "GET", path: str = "/", host: str = "crm.kantoor.nl") -> TestResponse:
    return Client(redirects(BASE, HOSTS)).open(path, method=method, headers={"Host": host})


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/", "/"),
        ("/leads/?stage=new&q=a%20b", "/leads/?stage=new&q=a%20b"),
        ("/leads/caf%C3%A9", "/leads/caf%C3%A9"),
        ("/%0d%0aSet-Cookie:%20a=b", "/%0D%0ASet-Cookie:%20a=b"),
        ("/a%20b%22%3C", "/a%20b%22%3C"),
    ],
)
def test_it_leads_to_the_same_place_over_tls(method: str, path: str, where: str) -> None:
    answer = ask(method, path)
    assert answer.status_code == 301
    assert answer.headers["Location"] == BASE + where
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_path_that_looks_like_a_host_stays_a_path() -> None:
    answer = Client(redirects(BASE, HOSTS)).get(
        "/", headers={"Host": "localhost"}, environ_overrides={"PATH_INFO": "//evil.example/x"}
    )
    assert answer.headers["Location"] == f"{BASE}//evil.example/x"


@pytest.mark.asvs("V3.7.2")
@pytest.mark.parametrize("host", ["crm.kantoor.nl", "CRM.kantoor.nl:8080", "localhost:8080", "[::1]", "[::1]:8080"])
def test_the_way_leads_to_the_configured_address_whatever_host_was_asked(host: str) -> None:
    assert ask(host=host).headers["Location"] == f"{BASE}/"


@pytest.mark.parametrize(
    "host", ["evil.example", "", "crm.kantoor.nl.evil.example", "crm.kantoor.nl@evil", ":80", "[::2]"]
)
def test_other_hosts_get_no_answer(host: str) -> None:
    answer = ask(host=host)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "evil" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"])
def test_what_carries_data_is_refused(method: str) -> None:
    answer = ask(method, "/auth/sign-in")
    assert answer.status_code == 403
    assert "Location" not in answer.headers
