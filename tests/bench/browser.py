"""A client that costs little, since it shares the processors with what it measures: one TLS connection, kept alive."""

import re
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urlsplit

import pyotp

TIMEOUT_SECONDS = 60
END_OF_HEADERS = b"\r\n\r\n"
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
SET_COOKIE = re.compile(rb"set-cookie: *([^=\r\n]+)=([^;\r\n]*)", re.IGNORECASE)
CODE_SECONDS = 30
Form = Mapping[str, str] | list[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    status: int
    head: bytes
    body: bytes


class Refused(RuntimeError):
    """The server answered otherwise than it must; says what was asked."""


class Connection:
    """Sends prepared requests one after another and reads whole answers."""

    def __init__(self, base_url: str, authority: str):
        address = urlsplit(base_url)
        host, port = address.hostname or "localhost", address.port or 443
        plain = socket.create_connection((host, port), TIMEOUT_SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = ssl.create_default_context(cafile=authority).wrap_socket(plain, server_hostname=host)

    def send(self, request: bytes) -> Answer:
        self.socket.sendall(request)
        received = b""
        while END_OF_HEADERS not in received:
            received += self._more()
        head, _end, body = received.partition(END_OF_HEADERS)
        length = LENGTH.search(head)
        wanted = int(length[1]) if length else 0
        parts, there = [body], len(body)
        while there < wanted:
            parts.append(self._more())
            there += len(parts[-1])
        return Answer(int(head[9:12]), head, b"".join(parts))

    def _more(self) -> bytes:
        part = self.socket.recv(262_144)
        if not part:
            raise Refused("the server closed the connection")
        return part

    def close(self) -> None:
        self.socket.close()


@dataclass
class Browser:
    """Somebody signed in: keeps cookies and writes requests as our own pages would."""

    base_url: str
    authority: str
    cookies: dict[str, str] = field(default_factory=dict)

    def request(self, path: str, form: Form | None = None) -> bytes:
        lines = [f"{'GET' if form is None else 'POST'} {path} HTTP/1.1", f"Host: {urlsplit(self.base_url).netloc}"]
        lines += ["Accept: text/html", "Accept-Language: nl", "User-Agent: leadcrm bench"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        body = b""
        if form is not None:
            body = urlencode(form).encode()
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
            lines += [f"Origin: {self.base_url}", "Sec-Fetch-Site: same-origin"]
        return "\r\n".join(lines).encode() + END_OF_HEADERS + body

    def get(self, path: str) -> Answer:
        return self._send(path, None, 200)

    def post(self, path: str, form: Form) -> Answer:
        return self._send(path, form, 303)

    def _send(self, path: str, form: Form | None, expected: int) -> Answer:
        """On a connection of its own: the server closes one that was idle."""
        connection = Connection(self.base_url, self.authority)
        answer = connection.send(self.request(path, form))
        connection.close()
        for name, value in SET_COOKIE.findall(answer.head):
            self.cookies[name.decode()] = value.decode()
        if answer.status != expected:
            raise Refused(f"{path} answered {answer.status}: {answer.body[:300].decode(errors='replace')}")
        return answer

    def sign_in(self, email: str, password: str, secret: str) -> None:
        known = dict(form_of(self.get("/auth/sign-in").body.decode(), "email"))
        self.post("/auth/sign-in", known | {"email": email, "password": password})
        asked = dict(form_of(self.get("/auth/second-factor").body.decode(), "code"))
        try:
            self.post("/auth/second-factor", asked | {"code": pyotp.TOTP(secret).now()})
        except Refused:  # this code was used a moment ago: each works once
            time.sleep(CODE_SECONDS - time.time() % CODE_SECONDS + 1)
            self.post("/auth/second-factor", asked | {"code": pyotp.TOTP(secret).now()})


def form_of(page: str, name: str) -> list[tuple[str, str]]:
    """What a browser would send of the form that has a field with this name, as it stands."""
    reader = Forms()
    reader.feed(page)
    for fields in reader.forms:
        if any(each == name for each, _value in fields):
            return fields
    raise Refused(f"no form with a field {name!r} on the page")


class Forms(HTMLParser):
    """The successful controls of every form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[list[tuple[str, str]]] = []
        self.select: str | None = None
        self.area: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        name = found.get("name", "")
        match tag:
            case "form":
                self.forms.append([])
            case "input" if name and self._counts(found):
                self._add(name, found.get("value", "on"))
            case "select":
                self.select = name
            case "option" if self.select and "selected" in found:
                self._add(self.select, found.get("value", ""))
            case "textarea":
                self.area = name
                self._add(name, "")

    def _counts(self, found: dict[str, str]) -> bool:
        kind = found.get("type", "text")
        return kind not in ("submit", "button", "file") and (kind not in ("checkbox", "radio") or "checked" in found)

    def _add(self, name: str, value: str) -> None:
        if self.forms and name:
            self.forms[-1].append((name, value))

    def handle_data(self, data: str) -> None:
        if self.area and self.forms:
            self.forms[-1][-1] = (self.area, self.forms[-1][-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = None
        if tag == "textarea":
            self.area = None


def changed(fields: list[tuple[str, str]], **values: Any) -> list[tuple[str, str]]:
    """The form with other values in it."""
    return [(name, str(values.get(name, value))) for name, value in fields]
