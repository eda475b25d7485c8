"""Processes that work for days do not look through the application for garbage again and again."""

import gc
import multiprocessing
from typing import Any

import pytest
from click.testing import CliRunner

from leadcrm.core import commands, server
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
    happened: list[str] = []
    monkeypatch.setattr(server, "die_with", lambda *_given: None)
    monkeypatch.setattr(server, "spare_what_is_there", lambda: happened.append("spared"))

    def load() -> Any:
        happened.append("made")
        return "application"

    assert server._in_worker(1, load) == "application"
    assert happened == ["made", "spared"]
