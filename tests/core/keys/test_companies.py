"""Every company has a key of its own: made at its first sealed value, wrapped in the database, gone when destroyed."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.types import LargeBinary

from leadcrm.core.crypto import CannotOpen, KeyProblem, Keyring, Place, box_number, keyring
from leadcrm.core.db import Base
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.keys import looking_after
from leadcrm.core.keys.columns import sealed_tables
from leadcrm.core.keys.opening import ring_of
from leadcrm.core.keys.rotation import Rotation
from leadcrm.core.postgres.urls import Urls
from tests.core.keys.conftest import Query, Values, place
from tests.people import ELSEWHERE, HOME

# No boxes; a mark is a keyed fingerprint.
NOT_SEALED = ("mark", "mac", "hash", "wrapped", "public_key", "credential_id", "challenge", "signature", "digest")


def test_a_company_gets_a_key_with_its_first_value(app: Flask, values: Values, query: Query) -> None:
    values.add(2)
    values.add(1, ELSEWHERE)
    stored = query("SELECT company_id, number, wrapped FROM core_company_key ORDER BY company_id, number")
    assert {row[:2] for row in stored} == {(HOME, 1), (ELSEWHERE, 1)}
    assert stored[0][2] != stored[1][2]
    assert {box_number(box) for box in values.boxes().values()} == {(2, 1)}
    assert values.all_open() and values.all_open(ELSEWHERE)


def test_another_process_opens_it(app: Flask, values: Values, urls: Urls) -> None:
    values.add(3)
    assert values.all_open(ring=ring_of(app.extensions["config"], urls.app))


def test_what_was_sealed_before_companies_had_keys_still_opens(values: Values, old_ring: Keyring) -> None:
    values.add(3, ring=old_ring)
    assert {box_number(box)[0] for box in values.boxes().values()} == {1}
    assert values.all_open()


def test_ten_processes_at_once_make_one_key(app: Flask, urls: Urls, query: Query) -> None:
    here = Place("t", "c", uuid4(), uuid4())
    rings = [ring_of(app.extensions["config"], urls.app) for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        boxes = list(pool.map(lambda ring: ring.seal(b"x", here), rings))
    assert {ring.open(box, here) for ring in rings for box in boxes} == {b"x"}
    assert query("SELECT count(*) FROM core_company_key") == [(1,)]


def test_one_companys_key_opens_nothing_of_another(app: Flask, values: Values, query: Query, urls: Urls) -> None:
    """Even who can write the table cannot give a company the key of another."""
    values.add(1)
    values.add(1, ELSEWHERE)
    query(
        "UPDATE core_company_key SET wrapped = (SELECT wrapped FROM core_company_key WHERE company_id = %s) "
        "WHERE company_id = %s", ELSEWHERE, HOME,
    )
    with pytest.raises(KeyProblem, match="another company"):
        values.all_open(ring=ring_of(app.extensions["config"], urls.app))


def test_the_header_is_covered_by_the_tag(values: Values) -> None:
    [ident] = values.add(1)
    box = bytearray(values.boxes()[ident])
    for position in range(5):
        changed = bytes(box[:position]) + bytes([box[position] ^ 1]) + bytes(box[position + 1 :])
        with pytest.raises(CannotOpen):
            keyring().open(changed, place(HOME, ident))


def test_a_destroyed_key_opens_and_seals_nothing(values: Values, urls: Urls) -> None:
    values.add(3)
    values.add(1, ELSEWHERE)
    assert looking_after.destroy(urls.migrator, HOME) == 1
    keyring().forget()
    with pytest.raises(CannotOpen):
        values.all_open()
    with pytest.raises(KeyProblem, match="destroyed"):
        values.add(1)
    assert values.all_open(ELSEWHERE)


def test_other_processes_hear_of_it_within_a_minute(
    app: Flask, values: Values, urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    values.add(1)
    assert Keyring.fresh_seconds <= 60
    monkeypatch.setattr(Keyring, "fresh_seconds", 0.05)
    other = ring_of(app.extensions["config"], urls.app)
    assert values.all_open(ring=other)
    looking_after.destroy(urls.migrator, HOME)
    time.sleep(0.06)
    with pytest.raises(CannotOpen):
        values.all_open(ring=other)


def test_nothing_is_destroyed_that_a_master_would_still_open(
    values: Values, old_ring: Keyring, rotation: Rotation, urls: Urls
) -> None:
    values.add(2, ring=old_ring)
    with pytest.raises(KeyProblem, match="keys rotate"):
        looking_after.destroy(urls.migrator, HOME)
    rotation.run(HOME)
    assert looking_after.destroy(urls.migrator, HOME) == 2  # with the account of the old scheme


def test_every_column_of_bytes_says_whether_it_is_sealed() -> None:
    """The rotation finds its columns by their facts: none may be forgotten."""
    known = {(column.table, column.column) for table in sealed_tables() for column in table.columns}
    for mapper in Base.registry.mappers:
        facts = facts_of(mapper.class_)
        for attribute in inspect(mapper.class_).column_attrs:
            column = attribute.columns[0]
            if isinstance(column.type, LargeBinary) and not column.name.endswith(NOT_SEALED):
                assert facts[attribute.key].boxed, f"{column.table.name}.{column.name}: technical(…, boxed=Boxed())"
    assert {("leads_person", "iban"), ("auth_secret", "totp"), ("auth_session", "totp_offered")} <= known
    assert {("core_audit_value", "sealed"), ("imports_chunk", "sealed"), ("mailboxes_account", "password")} <= known
