"""What the tests ask the doctor, and how they make somebody ill."""

from pathlib import Path

import psycopg

from leadcrm.app import create_app
from leadcrm.core.config import load
from leadcrm.core.doctor.examining import CORE, examined, look
from leadcrm.core.doctor.report import Finding, finding
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.postgres import Embedded, Urls, conninfo

BY_NAME = {check.name: check for check in CORE}


def found(name: str) -> Finding:
    """Runs no more than this check."""
    return finding(BY_NAME[name], look(BY_NAME[name], Subject(load())))


def found_inside(name: str) -> Finding:
    """The same, with the application."""
    app = create_app(load(), Urls.load(load().instance).worker)
    try:
        return next(examined(Subject(load(), app), [BY_NAME[name]]))
    finally:
        app.extensions["database"].close()


def as_admin(instance: Path, *statements: str) -> None:
    with psycopg.connect(conninfo(Embedded(instance).admin_url("leadcrm")), autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)  # type: ignore[arg-type]
