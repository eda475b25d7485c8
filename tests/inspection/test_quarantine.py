"""A file stays in quarantine until it was scanned, also while the scanner is down; then it comes out or goes."""

import pytest

from leadcrm.core.audit import AuditLine
from leadcrm.core.db import session
from leadcrm.documents.models.document import Version
from leadcrm.inspection.checks import EICAR
from tests.inspection import good
from tests.inspection.conftest import Clamd
from tests.inspection.sending import Sender, sender

__all__ = ["sender"]
INFECTED = good.archive((good.docx_parts() | {"word/media/a.png": EICAR}).items())


@pytest.mark.asvs("V5.4.3")
def test_files_wait_for_a_scanner_that_is_down(sender: Sender, clamd: Clamd) -> None:
    with sender.scanned_by(clamd):
        clamd.stop()
        clean, infected = sender.by_form("brief.docx", good.docx()), sender.by_tus("loon.docx", INFECTED)
        assert clean is not None and infected is not None
        for _time in range(3):
            sender.check()
            for document in (clean, infected):
                assert sender.states(document) == ("quarantined", "quarantined")
                assert sender.doors(document) == []
            assert sender.asked_again() == 2
        clamd.start()
        sender.check()
        assert sender.states(clean) == ("available", "available")
        assert sender.states(infected) == ("refused", "refused")
        assert sender.reason(infected) == "virus"
        assert sender.doors(infected) == []
        with sender.everything():
            assert {version.scan for version in session.query(Version)} == {"clean", "infected"}


def test_a_photo_comes_out_without_what_it_told(sender: Sender) -> None:
    document = sender.by_tus("IMG_2041.HEIC", good.heic())
    assert document is not None
    sender.check()
    assert sender.states(document) == ("available", "available")
    answer = sender.browser.get(f"/documents/{document}/file/1")
    assert answer.mimetype == "image/jpeg"
    assert "IMG_2041.jpg" in answer.headers["Content-Disposition"]
    assert good.PLACE.encode() not in answer.data
    assert sender.blobs_left() == 1


def test_an_income_statement_comes_out_without_its_number(sender: Sender) -> None:
    """And the trail says so, without saying which it was."""
    document = sender.by_form("jaaropgave.pdf", good.pdf("Jaaropgave 2025\nBSN: 123456782"))
    assert document is not None
    sender.check()
    assert sender.states(document) == ("available", "available")
    answer = sender.browser.get(f"/documents/{document}/file/1")
    assert answer.data.startswith(b"%PDF-") and b"/Font" not in answer.data
    assert sender.blobs_left() == 1
    with sender.everything():
        lines = [line for line in session.query(AuditLine) if line.action == "numbers hidden"]
    assert len(lines) == 1
    assert "123456782" not in str(vars(lines[0]))
