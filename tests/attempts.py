"""A database that answers no job, and a queue that tries again without waiting until it gives up."""

from typing import Any, NoReturn

import psycopg
from flask import Flask
from sqlalchemy.exc import OperationalError

from leadcrm.core.jobs import SCHEMA, run_worker
from leadcrm.core.postgres.urls import Urls


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
