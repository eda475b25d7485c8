"""The instance that is measured: made once with demo data, kept for the next run when BENCH_INSTANCE says where."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from flask import Flask

from leadcrm.app import create_app
from leadcrm.core.config import Config, load
from leadcrm.core.databases import web_database_url
from leadcrm.core.db import database
from leadcrm.core.postgres import Embedded, conninfo
from leadcrm.core.postgres.embedded import DATABASE
from leadcrm.demo.commands import prepared
from leadcrm.demo.services.offices import Account
from leadcrm.demo.services.records import Record

LEADS = int(os.environ.get("BENCH_LEADS", "1000000"))
KEPT = os.environ.get("BENCH_INSTANCE")


@dataclass(frozen=True)
class Bench:
    """An instance with its demo data and an application on it, as web processes have it."""

    config: Config
    record: Record
    app: Flask
    superuser: str  # how libpq reaches the database behind every wall

    def after_a_day(self) -> None:
        """What the server does by itself in the course of a day, also with what was changed by the thousands."""
        with psycopg.connect(self.superuser, autocommit=True) as superuser:
            superuser.execute("VACUUM (ANALYZE)")

    @property
    def ann(self) -> Account:
        return self.record.accounts[0]

    @property
    def meg(self) -> Account:
        return self.record.accounts[1]


@contextmanager
def bench() -> Iterator[Bench]:
    folder = Path(KEPT).absolute() if KEPT else Path(tempfile.mkdtemp(prefix="leadcrm-bench-"))
    config = load(folder, http_port=0)
    try:
        record = prepared(config, LEADS)
        app = create_app(config, web_database_url(config))
        embedded = Embedded(folder)
        made = Bench(config, record, app, conninfo(embedded.admin_url(DATABASE)))
        made.after_a_day()
        with app.app_context():
            yield made
            database().close()
    finally:
        if not KEPT:
            Embedded(folder).destroy()
            shutil.rmtree(folder, ignore_errors=True)
