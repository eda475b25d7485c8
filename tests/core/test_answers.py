"""How an answer reaches the web server: a page at once, a stream piece by piece; and what is to be closed is closed."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder

from leadcrm.core.security import CrmResponse


def given(response: CrmResponse, method: str = "GET") -> Any:
    return response(EnvironBuilder(method=method).get_environ(), lambda *_head: lambda _body: None)


@pytest.fixture
def closed() -> list[str]:
    return []


@pytest.fixture
def closing(closed: list[str]) -> Callable[[Any], CrmResponse]:
    def made(body: Any) -> CrmResponse:
        response = CrmResponse(body)
        response.call_on_close(lambda: closed.append("closed"))
        return response

    return made


def test_the_application_answers_so(app: Flask) -> None:
    assert app.response_class is CrmResponse
    answer = app.wsgi_app(EnvironBuilder("/healthz", base_url="https://localhost").get_environ(), lambda *_head: None)
    assert type(answer) is list and b"".join(answer) == b"ok\n"


@pytest.mark.parametrize(("method", "body"), [("GET", [b"a page"]), ("HEAD", [])])
def test_a_page_is_one_list(closing: Any, closed: list[str], method: str, body: list[bytes]) -> None:
    answer = given(closing("a page"), method)
    assert type(answer) is list and answer == body
    assert closed == ["closed"]


def test_a_stream_goes_piece_by_piece(closing: Any, closed: list[str]) -> None:
    """As much is in memory as is under way; and it is closed after its end, not before."""
    made: list[int] = []
    answer = given(closing(str(number) for number in range(3) if made.append(number) is None))
    assert next(iter(answer)) == b"0" and made == [0] and closed == []
    answer.close()
    assert closed == ["closed"]
