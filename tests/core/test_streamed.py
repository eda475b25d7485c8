"""A form whose files stream: its fields are known before its first file, and nothing of it is held whole."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, Request, request
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge
from werkzeug.test import EnvironBuilder

from leadcrm.core import streamed
from leadcrm.core.streamed import StreamedForm, sent_files
from tests.people import ANN
from tests.world import ORIGIN, Browser

Parts = list[tuple[str, str | None, bytes]]  # name, file name, content
EDGE = "edge"


def body(parts: Parts, edge: str = EDGE) -> bytes:
    said = b""
    for name, file, content in parts:
        of_file = f'; filename="{file}"' if file is not None else ""
        said += f'--{edge}\r\nContent-Disposition: form-data; name="{name}"{of_file}\r\n\r\n'.encode()
        said += content + b"\r\n"
    return said + f"--{edge}--\r\n".encode()


def form_of(content: Any, content_type: str = f"multipart/form-data; boundary={EDGE}") -> StreamedForm:
    stream = content if hasattr(content, "read") else BytesIO(content)
    length = {} if hasattr(content, "read") else {"CONTENT_LENGTH": str(len(content))}
    builder = EnvironBuilder(method="POST", input_stream=stream, content_type=content_type, environ_overrides=length)
    return StreamedForm(Request(builder.get_environ()))


def read(form: StreamedForm) -> list[tuple[str, bytes]]:
    return [(file.name, b"".join(file.pieces)) for file in form.files]


def test_fields_first_then_files_one_after_another() -> None:
    large = bytes(range(256)) * 4_000  # of several pieces, with line ends in it
    fields: Parts = [("a", None, b"1"), ("b", None, "é".encode())]
    form = form_of(body([*fields, ("file", "x.pdf", large), ("file", "y.pdf", b"")]))
    assert form.fields == [("a", "1"), ("b", "é")]
    assert read(form) == [("x.pdf", large), ("y.pdf", b"")]


def test_no_file_was_chosen() -> None:
    form = form_of(body([("a", None, b"1"), ("file", "", b"")]))
    assert form.fields == [("a", "1")] and read(form) == []


def test_who_does_not_want_a_file_gets_the_next_all_the_same() -> None:
    form = form_of(body([("file", "x.pdf", bytes(900_000)), ("file", "y.pdf", b"y")]))
    assert [file.name for file in form.files] == ["x.pdf", "y.pdf"]


def test_a_boundary_in_the_middle_of_a_piece_and_look_alikes_of_it() -> None:
    tricky = b"\r\n--edg\r\n--edge2 \r\n-- edge\n--edg" * 3_000
    assert read(form_of(body([("file", "x", tricky), ("file", "z", b"z")], edge="edge-1"),
                        "multipart/form-data; boundary=edge-1")) == [("x", tricky), ("z", b"z")]  # fmt: skip


class Endless:
    """A body that goes on and on; counts how much of it was asked for."""

    def __init__(self, head: bytes):
        self.head, self.asked = head, 0

    def read(self, size: int = -1) -> bytes:
        self.asked += size
        taken, self.head = self.head[:size], self.head[size:]
        return taken + bytes(size - len(taken))


def test_no_more_is_read_than_is_wanted() -> None:
    head = body([("csrf_token", None, b"t"), ("file", "x", b"")]).removesuffix(b"\r\n--edge--\r\n")
    endless = Endless(head)
    told = {"CONTENT_TYPE": f"multipart/form-data; boundary={EDGE}", "CONTENT_LENGTH": str(10**12)}
    environ = EnvironBuilder(method="POST").get_environ() | {"wsgi.input": endless} | told
    form = StreamedForm(Request(environ))
    assert form.fields == [("csrf_token", "t")] and endless.asked <= streamed.PIECE
    file = next(form.files)
    assert sum(len(next(file.pieces)) for _piece in range(8)) <= endless.asked <= 12 * streamed.PIECE


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(b"", f"multipart/form-data; boundary={EDGE}"), (b"no form", f"multipart/form-data; boundary={EDGE}"),
     (body([("a", None, b"1")])[:-9], f"multipart/form-data; boundary={EDGE}"),
     (body([("a", None, b"1")]), "multipart/form-data"), (b"x", "multipart/form-data; boundary=" + "x" * 80),
     (b"--edge\r\nContent-Type: x\r\n\r\nx\r\n--edge--\r\n", f"multipart/form-data; boundary={EDGE}"),
     (b"--edge\r\nContent-Disposition: form-data; name=a\r\n\r\n", f"multipart/form-data; boundary={EDGE}")],
)  # fmt: skip
def test_what_is_no_form_is_refused(content: bytes, content_type: str) -> None:
    with pytest.raises(BadRequest):
        read(form_of(content, content_type))


@pytest.mark.parametrize(
    "parts",
    [[("a", None, b"x" * 20_000)], [(f"a{number}", None, b"") for number in range(700)],
     [("x" * 600_000, None, b"1")]],
    ids=["a long field", "many fields", "a long name"],
)  # fmt: skip
def test_what_is_too_much_is_refused(parts: Parts) -> None:
    with pytest.raises(RequestEntityTooLarge):
        read(form_of(body(parts)))


def test_a_file_that_breaks_off_is_no_shorter_file() -> None:
    form = form_of(body([("file", "x", bytes(500_000))])[:-200])
    with pytest.raises(HTTPException):
        read(form)


def test_a_field_behind_a_file_is_refused() -> None:
    form = form_of(body([("file", "x", b"x"), ("csrf_token", None, b"late")]))
    with pytest.raises(BadRequest):
        read(form)


@pytest.fixture
def streaming(app: Flask) -> Iterator[str]:
    """A view of this product that streams, without its own code in the way: it says what came."""
    endpoint = "documents.add_documents"
    real = app.view_functions[endpoint]

    def view(lead_id: object) -> str:
        return f"{dict(request.form)} {[(file.name, len(b''.join(file.pieces))) for file in sent_files()]}"

    view.__dict__.update(real.__dict__)
    app.view_functions[endpoint] = view
    yield "/documents/lead/00000000-0000-4000-8000-00000000000f"
    app.view_functions[endpoint] = real


def test_the_token_is_asked_before_the_first_byte_of_a_file(
    streaming: str, client_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann: Browser = client_as(ANN)
    sent = ann.send(streaming, {"a": "1", "file": (BytesIO(bytes(300_000)), "x")}, content_type="multipart/form-data")
    assert sent.status_code == 200 and "('x', 300000)" in sent.text and "'a': '1'" in sent.text
    for token in ("", "x"):
        parts: Parts = [("csrf_token", None, token.encode()), ("file", "x", bytes(300_000))]
        answer = ann.post(
            streaming, data=body(parts), content_type=f"multipart/form-data; boundary={EDGE}",
            headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip
        assert answer.status_code == 419


def test_a_field_given_twice_is_refused_here_too(streaming: str, client_as: Any) -> None:
    ann: Browser = client_as(ANN)
    parts: Parts = [("csrf_token", None, ann.csrf_token().encode()), ("a", None, b"1"), ("a", None, b"2")]
    answer = ann.post(
        streaming, data=body(parts), content_type=f"multipart/form-data; boundary={EDGE}",
        headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip
    assert answer.status_code == 400
