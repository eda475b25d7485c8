"""A trail with some lines and anchors in it, and a superuser who does what the application never could."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from flask import Flask

from leadcrm.core import audit
from leadcrm.core.db import session
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.trail.services import anchors, exporting
from tests.people import ANN, ELSEWHERE, HOME
from tests.world import viewer_of

LINES = 6


@contextmanager
def as_maintenance(app: Flask) -> Iterator[None]:
    with app.app_context(), viewing_as(Everything("tests of the trail")):
        yield
        session.commit()


def write(app: Flask, lines: int = LINES) -> None:
    """Lines of two companies, one transaction each."""
    for number in range(lines):
        with app.app_context(), viewing_as(viewer_of(ANN)):
            for company in (HOME, ELSEWHERE):
                audit.note("revealed", company_id=company, subject="leads_lead", number=number, fields=["iban"])
            session.commit()


def anchor(worker_app: Flask) -> anchors.Anchor:
    with as_maintenance(worker_app):
        return anchors.write_anchor()


def problems(worker_app: Flask) -> list[str]:
    with as_maintenance(worker_app):
        return exporting.verify().problems


def tamper(admin_url: str, *statements: str, **values: Any) -> None:
    """As a superuser, with every trigger off."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        for statement in statements:
            admin.execute(statement, {"home": HOME, "new": uuid4(), **values})  # type: ignore[arg-type]  # our own
