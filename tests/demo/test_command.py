"""`leadcrm demo` as a person runs it: on nothing, and once more on what it made."""

import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from flask import Flask

from leadcrm.core.config import ROOT, Config
from leadcrm.core.postgres import Embedded
from leadcrm.core.postgres.urls import Urls
from leadcrm.demo import commands
from leadcrm.demo.commands import Progress, demo, show_accounts
from leadcrm.demo.services import opening, records
from leadcrm.demo.services.records import Record
from tests.ports import free_port

Demo = Callable[[], "Running"]
PATIENCE_SECONDS = 60


class Running:
    """The command in a process of its own, from its first line until it says that it runs."""

    def __init__(self, instance: Path, port: int):
        self.instance, self.began = instance, time.monotonic()
        ours = {"LEADCRM_INSTANCE": str(instance), "LEADCRM_HTTP_PORT": "0", "LEADCRM_JOB_WORKERS": "1"}
        command = [sys.executable, "-m", "leadcrm.cli", "demo", "--leads", "40", "--port", str(port)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | ours, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []

    def wait_until_it_runs(self) -> float:
        """The seconds that it took."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith("leadcrm is running"):
                return time.monotonic() - self.began
        raise AssertionError("".join(self.lines))

    def stop(self, how: signal.Signals) -> int:
        time.sleep(1)  # its second web process may just be loading
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_SECONDS)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Demo]:
    started: list[Running] = []

    def run() -> Running:
        started.append(Running(tmp_path / "instance", port))
        return started[-1]

    yield run
    for each in started:
        each.process.kill()
        each.process.communicate()
    Embedded(tmp_path / "instance").destroy()


def answer(instance: Path) -> str:
    """What the running product says to a client that knows only instance/demo.json."""
    content = json.loads((instance / records.FILE).read_text())
    trusting = ssl.create_default_context(cafile=content["ca_certificate"])
    with urlopen(f"{content['base_url']}/healthz", context=trusting, timeout=10) as page:
        return str(page.read().decode())


@pytest.mark.attack
def test_it_makes_an_office_and_keeps_it(start: Demo) -> None:
    first = start()
    making = first.wait_until_it_runs()
    assert answer(first.instance).startswith("ok")
    made = records.read(first.instance)
    assert made is not None
    assert made.complete
    printed = "".join(first.lines)
    assert all(account.email in printed and made.known[account.email].password in printed for account in made.accounts)
    assert first.stop(signal.SIGINT) == 0

    second = start()
    assert second.wait_until_it_runs() < making  # under five seconds on a machine with nothing else to do
    assert records.read(second.instance) == made
    assert second.stop(signal.SIGTERM) == 0


@pytest.fixture
def here(app: Flask, config: Config, urls: Urls, monkeypatch: pytest.MonkeyPatch) -> Config:
    """The command on the instance of the tests, which is there."""
    monkeypatch.setattr(commands, "load", lambda: config)
    monkeypatch.setattr(commands, "load_on", lambda _port: config)
    monkeypatch.setattr(commands, "make_instance", lambda _config: None)
    monkeypatch.setattr(commands, "migrator_database_url", lambda _config: urls.migrator)
    return config


def test_it_refuses_an_instance_with_real_data(here: Config) -> None:
    result = CliRunner().invoke(demo, ["--leads", "10"])
    assert result.exit_code == 1
    assert "never touches real data" in result.output
    assert not (here.instance / records.FILE).exists()


def test_codes_need_a_demonstration(here: Config) -> None:
    result = CliRunner().invoke(demo, ["--codes"])
    assert result.exit_code == 1
    assert "no demonstration here yet" in result.output


def test_what_is_complete_needs_no_application(
    here: Config, record: Record, urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To make it costs a second start a twelfth of its time."""
    complete = replace(record, complete=True)
    records.keep(complete, here.instance, here.base_url)
    monkeypatch.setattr(commands, "application", lambda _config: pytest.fail("made for nothing"))
    monkeypatch.setattr(opening, "is_founded", lambda known, _owner: known == complete)
    try:
        assert commands.prepared(here, complete.leads) == complete
    finally:
        (here.instance / records.FILE).unlink()


def test_the_table_shows_everybody(record: Record, capsys: pytest.CaptureFixture[str]) -> None:
    show_accounts(record)
    shown = capsys.readouterr().out
    for account in record.accounts:
        known = record.known[account.email]
        assert all(text in shown for text in (account.name, account.email, known.password, known.totp_secret))


def test_progress_tells_speed_and_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter((100.0, 100.0, 120.0, 130.0))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    progress = Progress(100_000)
    progress.add(0)
    progress.add(20_000)
    progress.end()
    assert capsys.readouterr().out.splitlines() == [
        "Making up leads: 20,000 of 100,000 · 1,000 a second · 80 s left",
        "Made up 20,000 leads in 30 s (667 a second).",
    ]
