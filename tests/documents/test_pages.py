"""The pages of documents: what they show, to whom, in how many statements."""

from collections.abc import Callable
from io import BytesIO
from uuid import UUID

from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.documents.models.document import Document
from tests.documents.conftest import As
from tests.documents.factories import a_pdf, a_png
from tests.people import ANN, Person
from tests.world import Browser

Browsers = Callable[[Person], Browser]


def test_files_from_a_plain_form_are_kept(as_: As, lead_of: Callable[[Person], UUID], client_as: Browsers) -> None:
    ann, lead_id = client_as(ANN), lead_of(ANN)
    files = [(BytesIO(a_png()), "loonstrook oktober.png"), (BytesIO(a_pdf(2)), "koopovereenkomst.pdf")]
    answer = ann.send(f"/documents/lead/{lead_id}", {"file": files}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    page = ann.get(answer.location).text
    assert "loonstrook oktober.png" in page and "koopovereenkomst.pdf" in page and "Loonstrook" in page
    with as_(ANN):
        kept = {row.name: row for row in session.scalars(select(Document))}
        assert {row.state for row in kept.values()} == {"quarantined"}
        assert kept["koopovereenkomst.pdf"].size == len(a_pdf(2))
