"""Sealed values of two companies in the database, and what looks at them from behind."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask

from leadcrm.core.crypto import EXTENSION, Keyring, Place, keyring
from leadcrm.core.keys.opening import wrappers_of
from leadcrm.core.keys.rotation import Rotation
from leadcrm.core.postgres.urls import Urls
from tests.people import HOME

Query = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def query(app: Flask, admin_url: str) -> Query:
    def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            cursor = admin.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture(autouse=True)
def fresh_keys(app: Flask, whole_worker_app: Flask, query: Query) -> Iterator[None]:
    """Each test begins and ends without any company's key."""

    def forget() -> None:
        query("DELETE FROM core_company_key")
        for each in (app, whole_worker_app):
            each.extensions[EXTENSION].forget()

    forget()
    yield
    forget()


@dataclass
class Values:
    """Rows of core_audit_value: the plainest table with boxes."""

    query: Query

    def add(self, count: int, company_id: UUID = HOME, ring: Keyring | None = None) -> list[UUID]:
        ids = [uuid4() for _ in range(count)]
        for each in ids:
            box = (ring or keyring()).seal(f"value of {each}".encode(), place(company_id, each))
            self.query("INSERT INTO core_audit_value VALUES (%s, %s, %s)", company_id, each, box)
        return ids

    def boxes(self, company_id: UUID = HOME) -> dict[UUID, bytes]:
        found = self.query("SELECT id, sealed FROM core_audit_value WHERE company_id = %s", company_id)
        return {ident: bytes(box) for ident, box in found}

    def all_open(self, company_id: UUID = HOME, ring: Keyring | None = None) -> bool:
        chosen = ring or keyring()
        return all(
            chosen.open(box, place(company_id, ident)) == f"value of {ident}".encode()
            for ident, box in self.boxes(company_id).items()
        )


def place(company_id: UUID, ident: UUID) -> Place:
    return Place("core_audit_value", "sealed", company_id, ident)


@pytest.fixture
def values(query: Query) -> Values:
    return Values(query)


@pytest.fixture
def rotation(app: Flask, urls: Urls) -> Rotation:
    """Without the minute in which other processes still seal with the key that they know."""
    config = app.extensions["config"]
    return Rotation(urls.migrator, keyring(), wrappers_of(config), batch=7, settle_seconds=0)


@pytest.fixture
def old_ring(app: Flask) -> Keyring:
    """The ring as it was before companies had keys."""
    return Keyring.load(app.extensions["config"].instance / "keys")

