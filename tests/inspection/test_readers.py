"""Readers of files cannot get out, end within their limits, and are not believed."""

import ast
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import leadcrm.inspection.parsing as parsing
from leadcrm.documents.services import drawing
from leadcrm.inspection.parsing.limits import MOST_TEXT
from leadcrm.inspection.services import examining, reading
from leadcrm.inspection.services.examining import examine_pieces
from leadcrm.inspection.services.reasons import Reason, Refused
from leadcrm.inspection.services.trying import what_a_reader_can_do
from tests.inspection import good

SOURCES = sorted(Path(parsing.__file__).parent.glob("*.py"))
WITHOUT = """
import sys; sys.path.insert(0, sys.argv[1])
from leadcrm.inspection.parsing import serving
serving.shut = lambda: False
serving.serve(*sys.argv[2:])
"""


def test_a_reader_can_do_nothing_but_read() -> None:
    assert what_a_reader_can_do() == []


def test_without_the_cage_it_could_do_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the test above cannot pass because the trial tries nothing."""
    monkeypatch.setattr(reading, "STARTER", WITHOUT)
    assert what_a_reader_can_do() == [
        "read a file",
        "write a file",
        "reach the network",
        "start a program",
        "make a process",
        "look around",
    ]


def test_who_draws_pages_is_in_the_cage_before_a_byte_comes() -> None:
    command = [sys.executable, "-I", drawing.PAINTER, "application/pdf", "1", "100"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env={}) as painter:
        status, deadline = Path(f"/proc/{painter.pid}/status"), time.monotonic() + 20
        while "Seccomp:\t2" not in status.read_text():
            assert painter.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        painter.kill()


def test_readers_know_nothing_of_leadcrm() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("leadcrm"):
                assert (node.module or "").startswith("leadcrm.inspection.parsing"), path.name


def test_every_reason_that_a_reader_gives_is_one() -> None:
    said = {
        node.args[0].value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "No"
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(said) > 10
    assert said <= set(map(str, Reason))


def refusal(monkeypatch: pytest.MonkeyPatch, program: str) -> Refused:
    """What becomes of a file whose reader was taken over and says something else."""
    monkeypatch.setattr(reading, "STARTER", program)
    with reading.memory("content") as content, pytest.raises(Refused) as refused:
        reading.read("plain", "txt", content)
    return refused.value


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("raise SystemExit(0)", Reason.TOO_MUCH),
        ("raise SystemExit(9)", Reason.TOO_MUCH),
        ("import os; os.abort()", Reason.TOO_MUCH),
        ("print('[]')", Reason.DAMAGED),
        ("print('{\"ok\": 1}')", Reason.DAMAGED),
        ('print(\'{"refused": "because"}\')', Reason.DAMAGED),
        ("print('{\"refused\": {}}')", Reason.DAMAGED),
        ("print('7' * 9000)", Reason.TOO_MUCH),
        ("print('{' * 4000)", Reason.TOO_MUCH),
        (
            f"import os, sys; os.write(int(sys.argv[4]), b'a' * {MOST_TEXT + 9}); print('{{\"ok\": true}}')",
            Reason.TOO_MUCH,
        ),
    ],
)
def test_what_a_reader_says_is_not_believed(monkeypatch: pytest.MonkeyPatch, program: str, reason: Reason) -> None:
    assert refusal(monkeypatch, program).reason is reason


def test_one_that_takes_its_time_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WALL_SECONDS", 0.3)
    assert refusal(monkeypatch, "import time; time.sleep(5)").detail == "time"


def test_limits_are_set_before_a_library_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    program = WITHOUT.replace(
        "serving.serve(", "import resource; serving.LIMITS[resource.RLIMIT_AS] = 45_000_000; serving.serve("
    )
    monkeypatch.setattr(reading, "STARTER", program)
    verdict = examine_pieces([good.pdf()], "a.pdf")
    assert verdict.refused == Reason.TOO_MUCH
    assert examine_pieces([b"tekst"], "a.txt").ok


@pytest.mark.asvs("V5.2.1")
def test_no_more_is_taken_into_memory_than_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "MOST_BYTES", 10)
    taken = []

    def pieces() -> Iterator[bytes]:
        for number in range(9):
            taken.append(number)
            yield b"tekst"

    assert examining.examine_pieces(pieces(), "a.txt").refused == Reason.TOO_MUCH
    assert taken == [0, 1, 2]


def test_pages_that_are_no_number_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "STARTER", 'print(\'{"ok": true, "pages": "9"}\')')
    with reading.memory("content") as content:
        assert reading.read("plain", "txt", content) == reading.Findings(None, "", None)


def test_nothing_of_it_is_a_file_of_a_disk() -> None:
    with reading.memory("content") as content:
        link = Path(f"/proc/self/fd/{content.fileno()}").readlink()
        assert str(link).startswith("/memfd:")
