"""kill -9 while leads come in and while they are made: whatever was answered 202 is there, and is a lead once."""

# ruff: noqa: F811  fixtures
import os
import random
import signal
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import psycopg
import pytest
from flask import Flask

from leadcrm.core.db import database, session
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.intake.services import taking
from tests.intake.conftest import Given, as_, make_source  # noqa: F401  its fixtures
from tests.world import ORIGIN, forget_superusers

SENT, SENDERS, KILLS = 400, 3, 12
FORK = get_context("fork")


def send(app: Flask, given: Given, number: int, told: Connection) -> None:
    """A web process: answers, and what it answered is known outside."""
    forked(app)
    client = app.test_client()
    for each in range(SENT):
        name = f"{number}-{each}"
        person = {"birth_name": f"Klant {name}", "email": f"k{name}@voorbeeld.nl"}
        body = {"applicant": person, "goal": "purchase_existing"}
        answer: Any = client.post(
            given.address, json=body, headers={"Authorization": f"Bearer {given.key}"}, base_url=ORIGIN
        )
        told.send((answer.status_code, answer.json.get("receipt")))


def make(app: Flask) -> None:
    """A worker."""
    forked(app)
    with app.app_context(), viewing_as(Everything("as the job")):
        while True:
            if not taking.take_batch():
                time.sleep(0.01)
            checkpoint()


def forked(app: Flask) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with app.app_context():
        database().forked()


def killed(process: Any) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def heard(end: Connection) -> list[str]:
    """Every receipt that was answered with 202, up to where the process ended."""
    found: list[str] = []
    while True:
        try:
            status, receipt = end.recv()
        except EOFError:
            return found
        assert status == 202
        found.append(receipt)


@pytest.fixture
def counted(admin_url: str) -> Callable[[str], int]:
    def count(what: str) -> int:
        with psycopg.connect(admin_url) as admin:
            row: Any = admin.execute(f"SELECT count(*) FROM {what}").fetchone()
            return int(row[0])

    return count


def test_nothing_is_lost_and_nothing_is_made_twice(
    app: Flask, worker_app: Flask, make_source: Any, counted: Callable[[str], int], admin_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(taking, "BATCH", 7)
    given, chance = make_source(per_minute=60_000, goal="purchase_existing"), random.Random(20261121)  # noqa: S311
    forget_superusers()
    pipes, senders = [], []
    for number in range(SENDERS):
        receives, sends = FORK.Pipe(duplex=False)
        senders.append(FORK.Process(target=send, args=(app, given, number, sends), daemon=True))
        senders[-1].start()
        sends.close()
        pipes.append(receives)
    worker = FORK.Process(target=make, args=(worker_app,), daemon=True)
    worker.start()
    for kill in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.4))
        killed(worker)
        if kill == KILLS // 3:
            killed(senders[0])
        worker = FORK.Process(target=make, args=(worker_app,), daemon=True)
        worker.start()
    receipts = [receipt for end in pipes for receipt in heard(end)]
    end = time.monotonic() + 300
    while counted("intake_arrival WHERE state = 'waiting'") and time.monotonic() < end:
        time.sleep(0.2)
    killed(worker)
    arrived = counted("intake_arrival")
    assert len(set(receipts)) == len(receipts) and (SENDERS - 1) * SENT <= len(receipts) <= arrived <= len(receipts) + 1
    listed = ", ".join(f"'{receipt}'" for receipt in receipts)
    assert counted(f"intake_arrival WHERE id IN ({listed}) AND state = 'lead'") == len(receipts)
    assert counted("leads_lead") == counted("intake_arrival a JOIN leads_lead l ON l.id = a.lead_id") == arrived
    assert counted("leads_person") == arrived
    with worker_app.app_context():
        session.rollback()
