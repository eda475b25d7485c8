"""What every test of links needs: an adviser who makes one, and a client's telephone."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from leadcrm.checklists.services.items import wanted
from leadcrm.collecting.models.link import CodeWay
from leadcrm.collecting.services import links
from leadcrm.collecting.services.links import Recipient
from leadcrm.leads.models.lead import Lead
from tests.checklists.conftest import As, as_, as_worker
from tests.leads.factories import a_lead
from tests.people import ANN
from tests.shelf import Shelf
from tests.world import ORIGIN, Browser

__all__ = ["As", "as_", "as_worker"]
TUS = {"Tus-Resumable": "1.0.0"}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n" + b" " * 600


@dataclass
class Sent:
    """A link as an adviser made it, with what she passed on."""

    lead_id: UUID
    link_id: UUID
    token: str
    code: str

    @property
    def page(self) -> str:
        return f"/aanleveren/{self.token}"


Make = Callable[..., Sent]


@pytest.fixture
def make_link(as_: As) -> Make:
    def made(way: CodeWay = CodeWay.PHONE, days: int = 14, who: Any = ANN) -> Sent:
        with as_(who):
            lead: Lead = a_lead()
            items = [item.key for item in wanted(lead)]
            to = Recipient("Jan de Vries", "jan@voorbeeld.nl")
            issued = links.issue(lead, to, items, way, days)
            return Sent(lead.id, issued.link.id, issued.address.rpartition("/")[2], issued.code)

    return made


@pytest.fixture
def sent(make_link: Make, shelf: Shelf) -> Sent:
    return shelf.once("a link", make_link)


@pytest.fixture
def inside(app: Flask, sent: Sent) -> Browser:
    """The client's telephone, after the right code."""
    return come_in(Browser(app), sent)


def come_in(browser: Browser, sent: Sent, code: str = "") -> Browser:
    answer = browser.send(f"{sent.page}/code", {"code": code or sent.code})
    assert answer.status_code == 303, answer.text
    return browser


def headers(browser: Browser, **more: str) -> dict[str, str]:
    return TUS | {"X-CSRFToken": browser.csrf_token(), "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"} | more


def metadata(**values: str) -> str:
    return ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in values.items())


def begin(browser: Browser, page: str, length: int, name: str = "loonstrook.pdf", ask: str = "", **more: str) -> Any:
    about = {"Upload-Length": str(length), "Upload-Metadata": metadata(filename=name, ask=ask)}
    told = headers(browser, **about, **more)
    return browser.post(f"{page}/uploads", headers=told)


def go_on(browser: Browser, address: str, offset: int, body: bytes) -> Any:
    told = headers(browser, **{"Upload-Offset": str(offset)})
    return browser.patch(address, data=body, headers=told, content_type="application/offset+octet-stream")


def upload(browser: Browser, page: str, body: bytes = PDF, name: str = "loonstrook.pdf", ask: str = "") -> Any:
    """A whole file in one piece; the answer to the last request."""
    begun = begin(browser, page, len(body), name, ask)
    assert begun.status_code == 201, begun.status
    return go_on(browser, begun.location, 0, body)
