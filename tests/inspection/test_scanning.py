"""Viruses, with Debian's clamd: found wherever they are packed, and no answer is no clean bill."""

import gzip
import io
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from leadcrm.core.config import Config, ConfigProblem, load
from leadcrm.core.doctor.report import FAIL, OK, WARN
from leadcrm.core.doctor.subject import Subject
from leadcrm.inspection import checks
from leadcrm.inspection.checks import EICAR
from leadcrm.inspection.services import trying
from leadcrm.inspection.services.reasons import Reason
from leadcrm.inspection.services.scanning import Scan, State, scan_pieces
from tests.inspection import good
from tests.inspection.conftest import CLAMD, Clamd, configured, missing


def zipped(content: bytes, name: str = "test.txt") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def nested(depth: int) -> bytes:
    content = EICAR
    for level in range(depth):
        content = gzip.compress(content) if level % 3 == 2 else zipped(content, f"{level}.zip")
    return content


def said_of(app: Flask, content: bytes, size: int = 1000) -> Scan:
    with app.app_context():
        return scan_pieces(content[start : start + size] for start in range(0, len(content), size))


@pytest.mark.asvs("V5.4.3")
@pytest.mark.parametrize("depth", range(6))
def test_the_test_virus_is_found_at_every_depth(bare_app: Flask, clamd: Clamd, depth: int) -> None:
    found = said_of(configured(bare_app, clamav=clamd.address), nested(depth))
    assert found.state is State.INFECTED
    assert "Eicar" in found.name
    assert not found.passes


def test_the_test_virus_is_found_inside_documents(bare_app: Flask, clamd: Clamd) -> None:
    app = configured(bare_app, clamav=clamd.address)
    inside = good.archive((good.docx_parts() | {"word/media/a.png": EICAR}).items())
    for content in (inside, good.odt(Pictures__a=EICAR), good.xlsx() + EICAR):
        assert said_of(app, content).state is State.INFECTED


@pytest.mark.parametrize("name", good.ORDINARY)
def test_ordinary_files_are_clean(bare_app: Flask, clamd: Clamd, name: str) -> None:
    assert said_of(configured(bare_app, clamav=clamd.address), good.ORDINARY[name]()) == Scan(State.CLEAN)


def test_what_could_not_be_scanned_in_full_is_not_called_a_virus(bare_app: Flask, clamd: Clamd) -> None:
    """Nor clean: the scanner says it, with AlertExceedsMax."""
    said = said_of(configured(bare_app, clamav=clamd.address), gzip.compress(bytes(450 * 1024 * 1024), 1), 1024 * 1024)
    assert (said.state, said.reason) == (State.INFECTED, Reason.TOO_MUCH)
    assert Scan(State.INFECTED, "Heuristics.Encrypted.PDF").reason is Reason.PASSWORD
    assert Scan(State.INFECTED, "Eicar-Test-Signature").reason is Reason.VIRUS


def test_a_scanner_that_is_down_has_no_opinion(bare_app: Flask, clamd: Clamd) -> None:
    app = configured(bare_app, clamav=clamd.address)
    clamd.stop()
    said = said_of(app, EICAR)
    assert (said.state, said.passes) == (State.UNAVAILABLE, False)
    clamd.start()
    assert said_of(app, EICAR).state is State.INFECTED


def test_without_a_scanner_nothing_is_scanned_and_that_is_said(bare_app: Flask) -> None:
    assert said_of(bare_app, EICAR) == Scan(State.NOT_CONFIGURED)
    with bare_app.app_context():
        assert checks.scanner(Subject(bare_app.extensions["config"])).state == WARN
        assert checks.signatures(Subject(bare_app.extensions["config"])).state == OK
        assert checks.limits(Subject(bare_app.extensions["config"])).state == OK


@pytest.fixture
def sham(tmp_path: Path) -> Iterator[Callable[[bytes], str]]:
    """A scanner that says this, whatever it gets; returns its address."""
    lines: list[socket.socket] = []

    def listen(answer: bytes, path: Path) -> None:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.bind(str(path))
        line.listen(1)
        lines.append(line)

        def serve() -> None:
            caller, _address = line.accept()
            with caller:
                caller.settimeout(2)
                while not caller.recv(65536).endswith(b"\0\0\0\0"):
                    pass
                caller.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()

    def start(answer: bytes) -> str:
        path = tmp_path / f"{len(lines)}.ctl"
        listen(answer, path)
        return f"unix:{path}"

    yield start
    for line in lines:
        line.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"stream: OK",
        b"OK\0",
        b"stream: OKAY\0",
        b"stream: ERROR\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: OK\n\0",
        b"x" * 9000,
        b"\xff\xfe\0",
        b"stream: FOUND\0",
    ],
)
def test_an_odd_answer_is_no_clean_bill(bare_app: Flask, sham: Callable[[bytes], str], answer: bytes) -> None:
    said = said_of(configured(bare_app, clamav=sham(answer), clamav_seconds=2), b"tekst")
    assert said.state is State.UNAVAILABLE


def test_the_name_of_a_virus_is_no_text_of_somebody_else(bare_app: Flask, sham: Callable[[bytes], str]) -> None:
    said = said_of(configured(bare_app, clamav=sham(b"stream: <b>\nA\x1b[2J" + b"a" * 500 + b" FOUND\0")), b"tekst")
    assert said.state is State.INFECTED
    assert said.name.startswith("bA2J") and len(said.name) <= 120


def test_a_scanner_that_hangs_is_not_waited_for_ever(bare_app: Flask, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.bind(str(tmp_path / "x.ctl"))
        line.listen(1)
        said = said_of(configured(bare_app, clamav=f"unix:{tmp_path}/x.ctl", clamav_seconds=0.3), b"tekst")
    assert said.state is State.UNAVAILABLE


def test_a_file_larger_than_the_scanner_takes_is_held_back(bare_app: Flask, tmp_path: Path) -> None:
    if CLAMD is None:
        missing()
    small = Clamd(tmp_path, "StreamMaxLength 1M").start()
    try:
        app = configured(bare_app, clamav=small.address, max_file_mb=3)
        assert said_of(app, bytes(3_000_000), 65536).state is State.UNAVAILABLE
        with app.app_context():
            assert checks.limits(Subject(app.extensions["config"])).state == FAIL
    finally:
        small.stop()


def test_doctor_sees_a_scanner_that_does_its_work(bare_app: Flask, clamd: Clamd) -> None:
    app = configured(bare_app, clamav=clamd.address, max_file_mb=5)
    subject = Subject(app.extensions["config"])
    with app.app_context():
        assert checks.scanner(subject).state == OK
        assert checks.cage(subject).state == OK
        assert checks.signatures(subject).state == FAIL  # ours are not ClamAV's
        clamd.stop()
        assert [look(subject).state for look in (checks.scanner, checks.signatures, checks.limits)] == [FAIL] * 3


def test_doctor_tells_old_signatures(bare_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = Subject(Config(testing=True, clamav="unix:/run/clamav/clamd.ctl"))
    for said, state in (
        ("ClamAV 1.4.6/27600/Sat Nov  1 09:24:31 2025", FAIL),
        ("ClamAV 1.4.6/27600/Fri Jan  1 09:24:31 2100", OK),
        ("ClamAV 1.4.6", FAIL),
    ):
        monkeypatch.setattr(checks, "ask", lambda _command, said=said: said)
        assert checks.signatures(subject).state == state


def test_doctor_tells_a_scanner_that_finds_nothing(bare_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = Subject(Config(testing=True, clamav="unix:/run/clamav/clamd.ctl"))
    monkeypatch.setattr(checks, "scan_pieces", lambda _pieces: Scan(State.CLEAN))
    assert checks.scanner(subject).state == FAIL
    assert checks.limits(subject).state == FAIL
    monkeypatch.setattr(trying, "what_a_reader_can_do", lambda: ["reach the network"])
    assert checks.cage(subject).state == WARN
    monkeypatch.setattr(trying, "what_a_reader_can_do", lambda: None)
    assert checks.cage(subject).state == FAIL


@pytest.mark.parametrize(
    "address", ["tcp://10.0.0.9:3310", "tcp://scanner:3310", "http://127.0.0.1", "unix:clamd.ctl", "127.0.0.1:3310", ""]
)
def test_files_go_in_clear_to_this_machine_only(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigProblem, match="clamav"):
        load(tmp_path, {"LEADCRM_CLAMAV": address})


def test_a_scanner_of_this_machine_is_admitted(tmp_path: Path) -> None:
    for address in ("unix:/run/clamav/clamd.ctl", "tcp://127.0.0.1:3310", "tcp://[::1]:3310", "tcp://localhost:3310"):
        assert load(tmp_path, {"LEADCRM_CLAMAV": address}).clamav == address
