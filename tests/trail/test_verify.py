"""Whoever changes the trail behind our back is found out: each way to do it, done as a superuser."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from leadcrm.core.audit import canonical
from leadcrm.core.config import Config
from leadcrm.trail.services import anchors, exporting
from leadcrm.trail.verify import chain_mac
from tests.people import HOME
from tests.trail.tampering import anchor, as_maintenance, problems, tamper, write

FREE = "UPDATE core_audit_head SET {} WHERE company_id = %(home)s"


@pytest.fixture
def trail(app: Flask, worker_app: Flask) -> None:
    write(app)
    anchor(worker_app)
    write(app, 2)


@pytest.mark.usefixtures("trail")
def test_what_nobody_touched_holds(worker_app: Flask) -> None:
    assert problems(worker_app) == []
    anchor(worker_app)
    assert problems(worker_app) == []


@pytest.mark.asvs("V16.4.2")
@pytest.mark.usefixtures("trail")
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE core_audit_line SET body = replace(body, 'iban', 'name') WHERE company_id = %(home)s AND seq = 3",
         "line 3: was changed"),
        ("UPDATE core_audit_line SET actor_id = %(new)s WHERE company_id = %(home)s AND seq = 3",
         "line 3: its columns do not say"),
        ("UPDATE core_audit_line SET at = at + interval '1 day' WHERE company_id = %(home)s AND seq = 8",
         "line 8: its columns do not say"),
        ("UPDATE core_audit_line SET mac = decode(md5('x') || md5('y'), 'hex') WHERE company_id = %(home)s AND seq = 3",
         "line 3: was changed"),
        ("DELETE FROM core_audit_line WHERE company_id = %(home)s AND seq = 3", "line 4: comes after line 2"),
        ("DELETE FROM core_audit_line WHERE company_id = %(home)s AND seq = 1", "line 2: comes after line 0"),
        ("DELETE FROM core_audit_line WHERE company_id = %(home)s AND seq > 7", "ends elsewhere"),
        ("DELETE FROM core_audit_line WHERE company_id = %(home)s", "ends elsewhere"),
        ("UPDATE core_audit_line SET seq = CASE seq WHEN 3 THEN -4 ELSE -3 END WHERE company_id = %(home)s "
         "AND seq IN (3, 4); UPDATE core_audit_line SET seq = -seq WHERE company_id = %(home)s AND seq < 0",
         "line 3: its columns do not say"),
    ],
)  # fmt: skip
def test_a_changed_removed_or_moved_line(worker_app: Flask, admin_url: str, change: str, told: str) -> None:
    tamper(admin_url, *change.split("; "))
    assert [each for each in problems(worker_app) if each.startswith(str(HOME)) and told in each]


@pytest.mark.usefixtures("trail")
def test_a_tail_that_was_removed_with_its_head(worker_app: Flask, admin_url: str) -> None:
    """The chain that is left is whole, so only the anchor tells."""
    tamper(
        admin_url, "DELETE FROM core_audit_line WHERE company_id = %(home)s AND seq > 4",
        FREE.format("(seq, mac) = (SELECT seq, mac FROM core_audit_line WHERE company_id = %(home)s AND seq = 4)"),
    )
    assert problems(worker_app) == [f"{HOME} line 6: was anchored and is gone, the end of the chain was cut off"]


@pytest.mark.usefixtures("trail")
def test_a_chain_forged_without_the_key(worker_app: Flask, admin_url: str) -> None:
    """Somebody writes the database, knows how it works, and makes a whole chain, but with a key of their own."""
    forge(admin_url, b"a key of somebody else")
    found = problems(worker_app)
    assert f"{HOME} line 1: was changed, moved or forged (its MAC is wrong)" in found
    assert f"{HOME} line 6: is not the line that was anchored" in found


@pytest.mark.usefixtures("trail")
def test_a_chain_forged_with_the_stolen_key(worker_app: Flask, admin_url: str) -> None:
    """Even with our key: what was anchored was another chain."""
    with as_maintenance(worker_app):
        key = exporting.mac_key(str(HOME))
    forge(admin_url, key)
    assert problems(worker_app) == [f"{HOME} line 6: is not the line that was anchored"]


def forge(admin_url: str, key: bytes) -> None:
    """Every line says `name` where it said `iban`, with MACs and head to fit."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        mac = b""
        lines = admin.execute(
            "SELECT seq, body FROM core_audit_line WHERE company_id = %s ORDER BY seq", [HOME]
        ).fetchall()
        for seq, body in lines:
            forged = canonical(json.loads(body.replace("iban", "name")))
            mac = chain_mac(key, mac, forged)
            admin.execute(
                "UPDATE core_audit_line SET body = %s, mac = %s WHERE company_id = %s AND seq = %s",
                [forged, mac, HOME, seq],
            )
        admin.execute("UPDATE core_audit_head SET mac = %s WHERE company_id = %s", [mac, HOME])


def cut(place: Path, keep: int) -> None:
    place.write_text("".join(f"{line}\n" for line in place.read_text().splitlines()[:keep]))


@pytest.mark.usefixtures("trail")
def test_an_anchor_file_that_was_cut_off(app: Flask, worker_app: Flask, own_instance: Config) -> None:
    anchor(worker_app)
    cut(own_instance.instance / "anchors" / anchors.FILE, 1)
    assert any("tells of anchor 2, but the anchor file ends at 1" in each for each in problems(worker_app))


@pytest.mark.usefixtures("trail")
def test_an_anchor_file_without_its_beginning(app: Flask, worker_app: Flask, own_instance: Config) -> None:
    anchor(worker_app)
    place = own_instance.instance / "anchors" / anchors.FILE
    place.write_text(place.read_text().split("\n", 1)[1])
    assert "anchor 1: an anchor before it is missing or was changed" in problems(worker_app)


@pytest.mark.usefixtures("trail")
def test_an_anchor_of_somebody_else(worker_app: Flask, own_instance: Config) -> None:
    place = own_instance.instance / "anchors" / anchors.FILE
    place.write_text(place.read_text().replace('"number":1', '"number": 1').replace(f'"{HOME}":[6', f'"{HOME}":[4'))
    assert "anchor 1: its signature is not ours" in problems(worker_app)


@pytest.mark.usefixtures("trail")
def test_a_signing_key_that_is_gone_is_not_replaced(worker_app: Flask, own_instance: Config) -> None:
    (own_instance.instance / "keys" / anchors.KEY).unlink()
    with pytest.raises(Exception, match="Restore it from its backup"):
        anchor(worker_app)


@pytest.mark.usefixtures("trail")
def test_keys_and_anchors_are_for_nobody_else(own_instance: Config) -> None:
    folder = own_instance.instance
    assert (folder / "keys" / anchors.KEY).stat().st_mode & 0o777 == 0o600
    assert (folder / "anchors").stat().st_mode & 0o777 == 0o700
    assert (folder / "anchors" / anchors.FILE).stat().st_mode & 0o777 == 0o600
    assert len(base64.b64decode((folder / "anchors" / anchors.PUBLIC).read_bytes())) == 32


@pytest.mark.usefixtures("trail")
@pytest.mark.parametrize("with_keys", [True, False])
def test_somebody_else_verifies_without_the_application(
    worker_app: Flask, own_instance: Config, tmp_path: Path, with_keys: bool
) -> None:
    """The program runs from an exported folder; it loads no module of the application but itself."""
    folder, keys = tmp_path / "export", tmp_path / "keys.json"
    with as_maintenance(worker_app):
        exporting.export(folder)
        exporting.export_keys(keys)
    public = own_instance.instance / "anchors" / anchors.PUBLIC
    command = [sys.executable, "-X", "importtime", "-m", "leadcrm.trail.verify", str(folder)]
    command += ["--public-key", str(public)]
    command += ["--mac-keys", str(keys)] if with_keys else []
    good = subprocess.run(command, capture_output=True, text=True, check=False)
    assert good.returncode == 0 and "no problems" in good.stdout, good.stdout + good.stderr
    loaded = {line.rpartition("|")[2].strip() for line in good.stderr.splitlines()}
    ours = {name for name in loaded if name.startswith("leadcrm")}
    assert ours <= {"leadcrm", "leadcrm.trail", "leadcrm.trail.verify"}
    assert not {"flask", "sqlalchemy", "psycopg"} & loaded
    lines = folder / "lines.jsonl"
    lines.write_text("".join(line for line in lines.read_text().splitlines(keepends=True) if '"seq": 3' not in line))
    bad = subprocess.run(command, capture_output=True, text=True, check=False)
    assert bad.returncode == 1 and "comes after line 2" in bad.stdout


@pytest.mark.usefixtures("trail")
@pytest.mark.parametrize(
    "statement",
    ["UPDATE core_audit_line SET action = 'x'", "DELETE FROM core_audit_line", "TRUNCATE core_audit_line",
     "UPDATE core_audit_head SET seq = seq - 1", "DELETE FROM core_audit_head", "TRUNCATE core_audit_head",
     "TRUNCATE core_audit_value"],
)  # fmt: skip
@pytest.mark.parametrize("role", ["leadcrm_owner", None])
def test_not_even_the_owner_rewrites_it(admin_url: str, statement: str, role: str | None) -> None:
    """Triggers, for the owner and a superuser who does not switch them off."""
    with psycopg.connect(admin_url) as admin:
        if role:
            admin.execute(f"SET ROLE {role}")  # type: ignore[call-overload]  # one of ours
        with pytest.raises(psycopg.errors.RaiseException, match="never changed|only moves on"):
            admin.execute(statement)  # type: ignore[call-overload]  # one of the above
