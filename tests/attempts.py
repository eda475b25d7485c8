"""What keeps a job from being done: a database that never answers, somebody who is disabled meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import psycopg
from flask import Flask
from sqlalchemy.exc import OperationalError

from leadcrm.core.jobs import SCHEMA, run_worker
from leadcrm.core.postgres.urls import Urls
from tests.people import Person


def no_answer(*_given: Any, **_named: Any) -> NoReturn:
    """What a statement raises whose time is up."""
    raise OperationalError("", {}, psycopg.errors.QueryCanceled("canceling statement due to statement timeout"))


def attempts(worker_app: Flask, urls: Urls, admin_url: str, most: int = 20) -> int:
    """How often a worker was at work until nothing waited any more."""
    with psycopg.connect(admin_url, autocommit=True, options=f"-c search_path={SCHEMA}") as admin:
        for done in range(most):
            if not admin.execute("SELECT 1 FROM procrastinate_jobs WHERE status = 'todo'").fetchone():
                return done
            admin.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
            run_worker(worker_app, urls.worker, wait=False)
    raise AssertionError("the queue never gives up")


@contextmanager
def disabled(person: Person, admin_url: str) -> Iterator[None]:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE auth_user SET active = false WHERE id = %s", [person.id])
        try:
            yield
        finally:
            admin.execute("UPDATE auth_user SET active = true WHERE id = %s", [person.id])
