"""Leads that suppliers post while a worker makes them, on the same processors.

What counts is the whole: from the first post until the last arrival is a lead, and that none is missing.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psycopg

from leadcrm.core.config import PREFIX, ROOT, Config
from leadcrm.core.db import session
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import viewing_as
from leadcrm.intake.services import sources
from leadcrm.leads.models.source import Source
from tests.bench import load
from tests.bench.instance import Bench
from tests.bench.load import Target, Timing
from tests.bench.servers import product
from tests.bench.statements import viewer_of

CLIENTS, BODIES = 8, 4_000
GOAL = 200  # posts a second
PATIENCE = 180  # seconds until everything must be a lead


@dataclass(frozen=True)
class Intake:
    """`accepted`: as the suppliers see it. `made`: leads a second over the whole, the last arrival included."""

    accepted: Timing
    posts: int
    leads: int
    made: float
    lost: int

    @property
    def reached(self) -> bool:
        return min(self.accepted.rate, self.made) >= GOAL and not self.lost


def measured_intake(made: Bench) -> Intake:
    key, source = _source(made)
    with product(made.config) as address, _worker(made.config) as worker, psycopg.connect(
        made.superuser, autocommit=True
    ) as admin:
        target = Target(address, _authority(made.config), _requests(address, source, key), 202)
        began = time.monotonic()
        accepted = load.measured(target, CLIENTS)
        posts = _count(admin, source, "true")
        ended = _drained(admin, source)
        leads = _count(admin, source, "a.state = 'lead' AND a.lead_id IS NOT NULL")
        worker.kill()
        _forget(admin, source)
    return Intake(accepted, posts, leads, leads / (ended - began), posts - leads)


def _source(made: Bench) -> tuple[str, str]:
    """Anew for each run, so that nothing of another is counted."""
    name = f"bench-{time.time_ns()}"
    viewer = viewer_of(made.meg)
    with viewing_as(viewer):
        source = Source(company_id=viewer.company_id, key=name, name=name)
        session.add(source)
        session.flush()
        inlet = sources.open_inlet(source.id)
        inlet.per_minute = 60_000
        _key, secret = sources.make_key(inlet, "bench")
        checkpoint()
    return secret, name


def _requests(address: str, source: str, key: str) -> list[bytes]:
    host = urlsplit(address).netloc
    return [_request(host, source, key, number) for number in range(BODIES)]


def _request(host: str, source: str, key: str, number: int) -> bytes:
    body = json.dumps({
        "goal": "purchase_existing", "message": "Graag na zessen bellen.",
        "applicant": {"call_name": "Bench", "birth_name": f"Proef{number}", "email": f"{source}-{number}@voorbeeld.nl"},
        "wish": {"mortgage_amount": "325000"},
    }).encode()  # fmt: skip
    head = (
        f"POST /intake/{source} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def _worker(config: Config) -> Iterator[subprocess.Popen[bytes]]:
    ours = os.environ | {f"{PREFIX}INSTANCE": str(config.instance)}
    process = subprocess.Popen([sys.executable, "-m", "leadcrm.cli", "worker", "--one"], cwd=ROOT, env=ours)
    time.sleep(3)  # it loads the application
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _authority(config: Config) -> str:
    return str(config.instance / "tls" / "ca.pem")


def _drained(admin: psycopg.Connection[Any], source: str) -> float:
    end = time.monotonic() + PATIENCE
    while _count(admin, source, "a.state = 'waiting'") and time.monotonic() < end:
        time.sleep(0.1)
    return time.monotonic()


OF_SOURCE = (
    "intake_arrival a JOIN intake_inlet i ON (i.company_id, i.id) = (a.company_id, a.inlet_id) "
    "JOIN leads_source s ON (s.company_id, s.id) = (i.company_id, i.source_id) WHERE s.key = %s"
)


def _count(admin: psycopg.Connection[Any], source: str, what: str) -> int:
    row: Any = admin.execute(f"SELECT count(*) FROM {OF_SOURCE} AND {what}", [source]).fetchone()  # noqa: S608
    return int(row[0])


def _forget(admin: psycopg.Connection[Any], source: str) -> None:
    """So that the next run finds as many leads as this one; the leads take everything of theirs along."""
    admin.execute("DELETE FROM leads_lead l USING leads_source s WHERE (s.company_id, s.id) = "
                  "(l.company_id, l.source_id) AND s.key = %s", [source])  # fmt: skip


def written(intake: Intake) -> Iterator[str]:
    yield "| leads that arrive, eight suppliers, a worker on the same processors | |"
    yield "|---|---|"
    yield f"| posts a second answered 202 | {intake.accepted.rate:,.0f} |"
    yield f"| p50 / p95 of the answer | {intake.accepted.p50:.1f} / {intake.accepted.p95:.1f} ms |"
    yield f"| leads a second, until the last is made | {intake.made:,.0f} |"
    yield f"| posts, leads, lost | {intake.posts:,}, {intake.leads:,}, {intake.lost} |"
