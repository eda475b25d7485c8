"""Processes that work for days do not look through the application for garbage again and again."""

import gc
import multiprocessing
import runpy
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner

from leadcrm import app, cli
from leadcrm.core import commands, garbage, readiness
from leadcrm.core.config import ROOT
from leadcrm.core.garbage import spare_what_is_there


def _spared(told: Any) -> None:
    spare_what_is_there()
    told.send((gc.get_freeze_count(), gc.get_threshold()))


def test_what_is_there_is_left_alone() -> None:
    """In a process of its own: it would hold for the other tests too."""
    heard, told = multiprocessing.get_context("fork").Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_spared, args=(told,))
    child.start()
    frozen, threshold = heard.recv()
    child.join()
    assert frozen > 10_000 and threshold == (20_000, 20, 20)


def test_so_does_a_worker_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    monkeypatch.setattr(commands, "load", lambda: None)
    monkeypatch.setattr(commands, "worker_database_url", lambda _config: "")
    monkeypatch.setattr(commands, "resolve_name", lambda _name: lambda *_given: happened.append("made"))
    monkeypatch.setattr(commands, "spare_what_is_there", lambda: happened.append("spared"))
    monkeypatch.setattr(commands, "run_worker", lambda *_given: happened.append("works"))
    assert CliRunner().invoke(commands.worker, ["--one"]).exit_code == 0
    assert happened == ["made", "spared", "works"]


def test_so_does_a_web_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under whatever server."""
    happened: list[str] = []
    monkeypatch.setattr(readiness, "refuse_unready_web", lambda _config: happened.append("is ready"))
    monkeypatch.setattr(app, "create_app", lambda _config: happened.append("made"))
    monkeypatch.setattr(garbage, "spare_what_is_there", lambda: happened.append("spared"))
    runpy.run_path(str(ROOT / "wsgi.py"))
    assert happened == ["is ready", "made", "spared"]


def test_loading_is_not_interrupted() -> None:
    """A third of each start was the search for garbage among what stays."""
    said = "import gc, leadcrm.cli; print(*(each['collections'] for each in gc.get_stats()), *gc.get_threshold())"
    done = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True)
    youngest, _older, oldest, *threshold = map(int, done.stdout.split())
    assert youngest < 40 and oldest == 0
    assert threshold[0] >= 500_000


def test_a_command_searches_again_once_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    monkeypatch.setattr(cli, "spare_what_is_loaded", lambda: happened.append("spared"))
    monkeypatch.setattr(cli, "leadcrm", lambda: happened.append("begun"))
    cli.main()
    assert happened == ["spared", "begun"]
