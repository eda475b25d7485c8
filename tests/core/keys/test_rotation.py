"""New keys for old: nothing is unreadable at any moment, and a run that is killed is gone on with."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from leadcrm.core.config import ROOT
from leadcrm.core.crypto import CannotOpen, KeyProblem, Keyring, box_number, keyring
from leadcrm.core.keys import looking_after
from leadcrm.core.keys.opening import wrappers_of
from leadcrm.core.keys.rotation import Rotation
from leadcrm.core.keys.wrapping import MasterFiles, Wrappers
from leadcrm.core.postgres.urls import Urls
from tests.core.keys.conftest import Query, Values
from tests.people import ELSEWHERE, HOME

# A rotation in a process of its own, killed like a machine without power: {when} says at which point.
KILLED = """
import os, signal, sys
from uuid import UUID
from leadcrm.core.config import Config
from leadcrm.core.keys import rotation
from leadcrm.core.keys.opening import ring_of, wrappers_of
from pathlib import Path
import leadcrm.app
instance, worker, migrator = sys.argv[1:4]
config = Config(instance=Path(instance), testing=True)
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
work = rotation.Rotation(migrator, ring_of(config, worker), wrappers_of(config), batch=7, settle_seconds=0)
counted = 0
def on(number, then):
    def said(*arguments):
        global counted
        counted += 1
        if counted == number:
            die()
        return then(*arguments)
    return said
{when}
work.run(UUID({company!r}))
"""
POINTS = {
    "before the new key": "work._add = die",
    "after the new key": "work._pass = die",
    "after one batch": "work.said = on(1, lambda *_: None)",
    "after three batches": "work.said = on(3, lambda *_: None)",
    "inside a batch": "work._write = on(2, work._write)",
    "written, not kept": "written = work._write; work._write = lambda *a: (written(*a), on(1, print)())",
    "between the passes": "work._settle = die",
    "before the end": "work._end = die",
}


def numbers(values: Values) -> set[tuple[int, int]]:
    return {box_number(box) for box in values.boxes().values()}


@pytest.mark.asvs("V13.3.4", "V11.2.2")
def test_every_value_is_sealed_anew(values: Values, rotation: Rotation, query: Query) -> None:
    values.add(20)
    values.add(3, ELSEWHERE)
    before = values.boxes()
    assert rotation.run() == 23
    assert numbers(values) == {(2, 2)} and not set(before.values()) & set(values.boxes().values())
    assert values.all_open() and values.all_open(ELSEWHERE)
    assert query("SELECT number FROM core_company_key WHERE refused_at IS NULL AND company_id = %s", HOME) == [(2,)]


def test_the_old_scheme_is_brought_over(values: Values, rotation: Rotation, old_ring: Keyring, urls: Urls) -> None:
    values.add(10, ring=old_ring)
    values.add(2)
    assert looking_after.unaccounted(urls.migrator) == 10
    rotation.run()
    assert numbers(values) == {(2, 2)} and values.all_open()
    assert looking_after.unaccounted(urls.migrator) == 0


def test_again_and_again(values: Values, rotation: Rotation) -> None:
    values.add(5)
    for number in (2, 3, 4):
        rotation.run(HOME)
        assert numbers(values) == {(2, number)} and values.all_open()


@pytest.mark.attack
@pytest.mark.parametrize("when", POINTS.values(), ids=POINTS.keys())
def test_killed_and_gone_on_with(
    app: Flask, urls: Urls, values: Values, rotation: Rotation, query: Query, tmp_path: Path, when: str
) -> None:
    values.add(30)
    script = tmp_path / "killed.py"
    script.write_text(KILLED.format(when=when, company=str(HOME)))
    command = [sys.executable, str(script), str(app.extensions["config"].instance), urls.worker, urls.migrator]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=300, check=False, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    keyring().forget()
    assert len(values.boxes()) == 30 and values.all_open()  # half-way: old and new side by side
    values.add(1)
    rotation.run(HOME)
    assert len(numbers(values)) == 1 and len(values.boxes()) == 31 and values.all_open()
    newest = query("SELECT max(number) FROM core_company_key WHERE company_id = %s", HOME)
    assert newest == [(2,)]  # gone on with, not begun anew


@pytest.mark.asvs("V13.3.4")
def test_after_its_deadline_an_old_key_is_refused(values: Values, rotation: Rotation, query: Query) -> None:
    values.add(2)
    old = values.boxes()
    rotation.deadline = timedelta(0)
    rotation.run(HOME)
    assert values.all_open()
    for ident, box in old.items():  # somebody puts back what was sealed with a key that has leaked
        query("UPDATE core_audit_value SET sealed = %s WHERE id = %s", box, ident)
    with pytest.raises(CannotOpen, match="deadline"):
        values.all_open()


def test_before_its_deadline_it_is_read(values: Values, rotation: Rotation, query: Query) -> None:
    values.add(2)
    old = values.boxes()
    rotation.run(HOME)
    for ident, box in old.items():
        query("UPDATE core_audit_value SET sealed = %s WHERE id = %s", box, ident)
    assert values.all_open()


def test_the_old_scheme_is_refused_too(
    values: Values, rotation: Rotation, old_ring: Keyring, query: Query
) -> None:
    [ident] = values.add(1, ring=old_ring)
    box = values.boxes()[ident]
    rotation.deadline = timedelta(0)
    rotation.run(HOME)
    query("UPDATE core_audit_value SET sealed = %s WHERE id = %s", box, ident)
    with pytest.raises(CannotOpen, match="deadline"):
        values.all_open()


def test_what_is_past_its_deadline_is_still_brought_over(values: Values, rotation: Rotation, query: Query) -> None:
    """Nothing is ever lost: the rotation itself reads what nobody else may."""
    values.add(3)
    rotation.deadline = timedelta(0)
    rotation._begun(HOME)
    keyring().forget()
    with pytest.raises(CannotOpen):
        values.all_open()
    rotation.run(HOME)
    assert values.all_open()


def test_what_is_changed_meanwhile_is_kept(values: Values, rotation: Rotation, query: Query) -> None:
    ids = values.add(20)
    written = rotation._write

    def meanwhile(*arguments: object) -> None:
        query("DELETE FROM core_audit_value WHERE id = %s", max(ids))  # in a later batch
        written(*arguments)  # type: ignore[arg-type]

    rotation._write = meanwhile  # type: ignore[method-assign]
    rotation.run(HOME)
    assert len(values.boxes()) == 19 and values.all_open()


def test_two_at_once_are_refused(rotation: Rotation, values: Values) -> None:
    values.add(1)
    with rotation._alone(), pytest.raises(KeyProblem, match="at work"):
        rotation.run(HOME)


def test_blind_indexes_and_the_audit_chain_stay(values: Values, rotation: Rotation) -> None:
    values.add(1)
    before = keyring().blind_index(HOME, "birth", "x"), keyring().derived("audit", HOME)
    rotation.run(HOME)
    assert (keyring().blind_index(HOME, "birth", "x"), keyring().derived("audit", HOME)) == before


def test_another_key_encryption_key(app: Flask, values: Values, urls: Urls, tmp_path: Path, query: Query) -> None:
    values.add(3)
    wrappers = wrappers_of(app.extensions["config"])
    assert wrappers.files is not None
    second = Wrappers(None, MasterFiles(wrappers.files._masters | {2: os.urandom(32)}))
    assert looking_after.rewrap(urls.migrator, second) == 1
    assert looking_after.rewrap(urls.migrator, second) == 0
    assert query("SELECT DISTINCT wrapped_by FROM core_company_key") == [("master-2",)]
    assert looking_after.rewrap(urls.migrator, second) == 0
    back = Wrappers(None, MasterFiles({1: wrappers.files._masters[1]}))
    with pytest.raises(KeyProblem, match="master-2.key is missing"):
        looking_after.rewrap(urls.migrator, back)


def test_the_next_master_makes_the_root_a_file_of_its_own(tmp_path: Path) -> None:
    Keyring.create(tmp_path)
    (tmp_path / "root.key").unlink()
    before = Keyring.load(tmp_path).derived("audit")
    assert looking_after.add_master(tmp_path) == 2
    (tmp_path / "master-1.key").unlink()
    assert Keyring.load(tmp_path).derived("audit") == before


def test_states_are_told(values: Values, rotation: Rotation, urls: Urls) -> None:
    values.add(4)
    rotation.run(HOME)
    told = {state.number: state.values for state in looking_after.key_states(urls.migrator, count=True)}
    assert told == {0: 0, 1: 0, 2: 4}
