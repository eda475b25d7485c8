"""The doctor on a good instance, the command, and that no check is left untried."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner

from leadcrm.core.commands import doctor
from leadcrm.core.doctor import machine
from leadcrm.core.doctor.examining import CORE, examine
from leadcrm.core.doctor.report import FAIL, OK, SKIP, WARN, exit_code, finding, ok, warn
from tests.core.doctor.consulting import BY_NAME, found, found_inside

DEPEND_ON_THE_MACHINE = {
    "machine.clock", "software.packages", "software.locked", "software.age", "software.reboot", "machine.left_overs",
    "machine.disk", "machine.memory", "machine.files", "blobs.room",
}  # fmt: skip
CANNOT_BE_HERE = {  # nobody serves it, and nobody has recorded or configured anything yet
    "web.answers", "backup.fresh", "work.workers", "work.mail", "people.roles", "annex.hosting", "annex.updates",
    "audit.anchors", "audit.elsewhere", "inspection.scanner",
}  # fmt: skip


def test_a_good_instance_is_found_good(instance: Path) -> None:
    findings = {each.name: each for each in examine()}
    assert len(findings) >= 60
    not_good = {name for name, each in findings.items() if each.state in (WARN, FAIL)}
    assert not_good - DEPEND_ON_THE_MACHINE <= CANNOT_BE_HERE
    assert all(str(each.outcome.remedy) for each in findings.values() if each.state in (WARN, FAIL))
    assert {name for name, each in findings.items() if each.state == SKIP} <= {
        check.name for check in CORE if check.needs_answer
    } | {"software.packages"}


def test_every_check_of_core_is_tried() -> None:
    """By name, in a file of this folder or in another that is called so."""
    here = Path(__file__).parent
    written = "".join(file.read_text() for file in (*here.glob("*.py"), *here.parent.rglob("test_doctor*.py")))
    assert [check.name for check in CORE if f'"{check.name}"' not in written] == []
    assert len({check.name for check in CORE}) == len(CORE)


def test_the_command_prints_and_its_code_says_how_bad_it_is(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = CliRunner().invoke(doctor, ["--json"])
    known = {each["check"]: each for each in json.loads(bad.output)}
    assert bad.exit_code == 2 and known["annex.hosting"]["state"] == FAIL  # a fresh one has no hosting partner recorded
    assert known["walls.policies"]["clauses"] == ["A12"] and known["backup.fresh"]["remedy"]
    shown = CliRunner().invoke(doctor)
    assert "Row policies" in shown.output and "checks:" in shown.output and "\n          →" in shown.output


def test_it_repairs_what_a_crash_left(instance: Path) -> None:
    stray = instance / "blobs" / "ab" / f"ab{uuid4().hex[2:]}"
    for folder in (stray.parent.parent, stray.parent, instance / "blobs" / "spool"):
        folder.mkdir(mode=0o700, exist_ok=True)
    stray = stray.with_name(str(UUID(stray.name)))
    stray.touch(mode=0o600)
    assert found_inside("blobs.known").state == WARN
    assert "Repaired: 1 files that no row knows" in CliRunner().invoke(doctor, ["--repair", "--json"]).stderr
    assert not stray.exists()


def test_the_exit_code() -> None:
    check = BY_NAME["machine.disk"]
    good, odd = finding(check, ok("")), finding(check, warn("", "do"))
    assert (exit_code([good]), exit_code([good, odd])) == (0, 1)


def test_a_configuration_that_is_refused_is_the_finding(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADCRM_NONSENSE", "1")
    assert [(each.name, each.state) for each in examine()] == [("config.readable", FAIL)]


def test_a_check_that_breaks_is_a_finding_and_the_others_go_on(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_arguments: object) -> None:
        raise OSError("boom")

    monkeypatch.setattr(machine.shutil, "disk_usage", breaks)
    broken = found("machine.disk").outcome
    assert (broken.state, broken.detail) == (FAIL, "OSError: boom")
    assert found("database.migrations").state == OK
