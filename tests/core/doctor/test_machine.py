"""The machine and its software: each finding is there when something is wrong, and only then."""

import time
from collections import namedtuple
from importlib.metadata import version
from pathlib import Path

import pytest

from leadcrm.core.doctor import machine, software
from leadcrm.core.doctor.report import FAIL, OK, SKIP, WARN
from tests.core.doctor.consulting import found

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(("free", "state"), [(0.5, FAIL), (3, WARN), (50, OK)])
def test_room_on_the_disk(instance: Path, monkeypatch: pytest.MonkeyPatch, free: float, state: str) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _place: Usage(100 * 2**30, 0, int(free * 2**30)))
    assert found("machine.disk").state == state


@pytest.mark.parametrize(("answer", "state"), [(5, WARN), (0, OK)])
def test_a_clock_that_nobody_keeps(instance: Path, monkeypatch: pytest.MonkeyPatch, answer: int, state: str) -> None:
    libc = namedtuple("Libc", "adjtimex")(lambda _buffer: answer)
    monkeypatch.setattr(machine.ctypes, "CDLL", lambda _name: libc)
    assert found("machine.clock").state == state


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, OK),
        ({"LEADCRM_BASE_URL": "https://crm.kantoor.nl"}, FAIL),
        ({"LEADCRM_BASE_URL": "https://crm.kantoor.nl", "LEADCRM_HOSTS": "crm.kantoor.nl"}, OK),
        ({"LEADCRM_BIND": "0.0.0.0"}, WARN),
    ],
)
def test_the_hosts(instance: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], state: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert found("config.hosts").state == state


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, OK),
        ({"LEADCRM_BIND": "0.0.0.0"}, WARN),
        ({"LEADCRM_BIND": "0.0.0.0", "LEADCRM_TRUSTED_PROXIES": "10.0.0.2"}, OK),
        ({"LEADCRM_BASE_URL": "https://crm.kantoor.nl", "LEADCRM_HOSTS": "crm.kantoor.nl"}, FAIL),
    ],
)
def test_slow_clients(instance: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], state: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert found("config.proxy").state == state


@pytest.mark.asvs("V15.2.1")
@pytest.mark.parametrize(("check", "days", "state"), [
    ("software.age", 0, OK), ("software.age", 2000, WARN), ("software.packages", 2000, FAIL),
    ("software.python", 2000, WARN),
])  # fmt: skip
def test_the_age_of_the_software(
    instance: Path, monkeypatch: pytest.MonkeyPatch, check: str, days: int, state: str
) -> None:
    if check == "software.packages" and not Path("/var/lib/apt/lists").exists():
        pytest.skip("no apt on this machine")
    later = time.time() + days * software.DAY
    monkeypatch.setattr(software, "time", namedtuple("Time", "time gmtime")(lambda: later, lambda: time.gmtime(later)))
    assert found(check).state == state


def test_updates_that_wait(instance: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(software, "APT_LISTS", tmp_path)
    monkeypatch.setattr(software.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert found("software.packages").state == OK
    monkeypatch.setattr(software, "_waiting", lambda: ["openssl"])
    assert found("software.packages").state == WARN
    monkeypatch.setattr(software, "APT_LISTS", tmp_path / "none")
    assert found("software.packages").state == SKIP


def test_what_apt_would_install_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    said = namedtuple("Done", "stdout")("Inst openssl [3.0.1] (3.0.2)\nConf openssl (3.0.2)\n")
    monkeypatch.setattr(software.subprocess, "run", lambda *_words, **_options: said)
    assert software._waiting() == ["openssl"]


def test_a_reboot_that_waits(instance: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(software, "REBOOT", tmp_path / "reboot-required")
    assert found("software.reboot").state == OK
    (tmp_path / "reboot-required").touch()
    assert found("software.reboot").state == WARN


def test_libraries_that_nobody_tested(instance: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "run.txt").write_text(f"flask=={version('flask')} \\\n    --hash=sha256:0\n")
    monkeypatch.setattr(software, "LOCK", tmp_path / "run.txt")
    assert found("software.locked").state == OK
    of_this, of_others = "; python_version < '9'", "; python_version >= '9'"
    (tmp_path / "run.txt").write_text(f"flask=={version('flask')} {of_this} \\\n--hash=a\nflask==0.1 {of_others} \\\n")
    assert found("software.locked").state == OK
    (tmp_path / "run.txt").write_text("flask==0.1\n")
    assert found("software.locked").state == WARN


@pytest.mark.parametrize(("kib", "state"), [(100_000, FAIL), (400_000, WARN), (4_000_000, OK)])
def test_memory(instance: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kib: int, state: str) -> None:
    (tmp_path / "meminfo").write_text(f"MemTotal: 8000000 kB\nMemAvailable: {kib} kB\n")
    monkeypatch.setattr(machine, "MEMINFO", tmp_path / "meminfo")
    assert found("machine.memory").state == state


@pytest.mark.parametrize(("most", "state"), [(1024, WARN), (65_536, OK)])
def test_open_files(instance: Path, monkeypatch: pytest.MonkeyPatch, most: int, state: str) -> None:
    monkeypatch.setattr(machine.resource, "getrlimit", lambda _which: (most, most))
    assert found("machine.files").state == state


def test_the_data_of_an_instance_that_is_gone(instance: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "instance").write_text("/nowhere/instance")
    monkeypatch.setattr(machine, "STATE", tmp_path)
    assert found("machine.left_overs").state == WARN
