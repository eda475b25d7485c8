"""What is given twice is refused, unless several are declared; bodies, queries and forms have their bounds."""

from collections.abc import Callable

import pytest
from werkzeug.datastructures import MultiDict

from tests.people import ADA, ANN, BOB, MEG
from tests.world import ORIGIN, Browser

ClientAs = Callable[..., Browser]
OURS = {"Origin": ORIGIN}


@pytest.mark.asvs("V15.3.7")
@pytest.mark.parametrize(
    "path",
    ["/auth/sign-in?next=/&next=//evil.example", "/leads/?q=a&q=b", "/healthz?a&a", "/leads/?id=1&stage=new&stage=x"],
)
def test_in_the_address(client_as: ClientAs, path: str) -> None:
    answer = client_as(ANN).get(path)
    assert answer.status_code == 400
    assert "Ga terug" in answer.text


@pytest.mark.asvs("V15.3.7")
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/auth/sign-in", [("email", "ann@example.org"), ("password", "a"), ("password", "b")]),
        ("/auth/sign-in", [("csrf_token", "x")]),
        ("/leads/new", [("birth_name", "A"), ("birth_name", "B")]),
        ("/preferences", [("language", "nl"), ("language", "en")]),
        ("/auth/sign-out", [("a", "1"), ("a", "1")]),
    ],
)
@pytest.mark.parametrize("encoding", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_in_a_form(client_as: ClientAs, path: str, fields: list[tuple[str, str]], encoding: str) -> None:
    ann = client_as(ANN)
    form = MultiDict([("csrf_token", ann.csrf_token()), *fields])
    assert ann.post(path, data=form, content_type=encoding, headers=OURS).status_code == 400


def test_several_where_they_are_declared(client_as: ClientAs) -> None:
    ada, ann = client_as(ADA), client_as(ANN)
    rights = MultiDict([("csrf_token", ada.csrf_token()), ("right", "leads.export"), ("right", "leads.import")])
    assert ada.post(f"/admin/users/{BOB.id}/rights", data=rights, headers=OURS).status_code != 400
    assert ann.get("/leads/?column=name&column=stage").status_code == 200
    rights.add("csrf_token", "again")
    assert ada.post(f"/admin/users/{MEG.id}/rights", data=rights, headers=OURS).status_code == 400


def test_a_query_is_bounded(stranger: Browser) -> None:
    assert stranger.get("/auth/sign-in?next=/" + "a" * 20_000).status_code == 414
    assert stranger.get("/auth/sign-in?" + "&".join(f"a{number}=" for number in range(600))).status_code == 400


@pytest.mark.parametrize("encoding", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_has_not_more_fields_than_any_of_ours(stranger: Browser, encoding: str) -> None:
    form = {"csrf_token": stranger.csrf_token()} | {f"f{number}": "" for number in range(5_100)}
    answer = stranger.post("/auth/sign-in", data=form, content_type=encoding, headers=OURS)
    assert answer.status_code == 413
    assert "te groot" in answer.text


@pytest.mark.parametrize(
    "value", ["a\r\nSet-Cookie: evil=1", "a\nX-Evil: 1", "\r\n\r\n<script>", "a\u2028b", "a%0d%0aX-Evil:%201", "\x00"]
)
def test_no_header_is_split(client_as: ClientAs, value: str) -> None:
    ann = client_as(ANN)
    for answer in (
        ann.get("/auth/sign-in", query_string={"next": value}),
        ann.send("/auth/sign-in", {"next": value, "email": value}),
        ann.send("/preferences", {"next": value, "language": value, "theme": value}),
        ann.get("/leads/", query_string={"q": value}), ann.get(f"/leads/{value}"),
        ann.get("/healthz", headers={"Accept-Language": "nl", "User-Agent": value.replace("\r", "").replace("\n", "")}),
    ):  # fmt: skip
        assert answer.status_code < 500
        assert "X-Evil" not in answer.headers
        assert not any("evil" in each for each in answer.headers.getlist("Set-Cookie"))
