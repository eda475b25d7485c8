"""Old password hashes: read, wrapped at night so that everybody is on policy, and replaced at the next sign-in."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher, Type
from click.testing import CliRunner
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from passlib.hash import bcrypt, pbkdf2_sha256, pbkdf2_sha512, scrypt

from leadcrm.auth.commands import user
from leadcrm.auth.services import old_hashes, passwords, wrapping
from leadcrm.auth.services.passwords import BrokenHashing
from leadcrm.core.config import ROOT
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.postgres.urls import Urls
from leadcrm.core.scope import Everything, viewing_as
from tests.auth.accounts import Enrolled, give_password
from tests.auth.conftest import Query
from tests.auth.races import at_once
from tests.people import ANN, BOB, EVE, MEG, PASSWORD
from tests.world import Browser

TEXT = passwords.KNOWN_TEXT
OLD: dict[str, Callable[[str], str]] = {
    "bcrypt": bcrypt.using(rounds=5).hash,
    "bcrypt of PHP": lambda password: "$2y$" + bcrypt.using(rounds=5).hash(password)[4:],
    "pbkdf2-sha256": pbkdf2_sha256.using(rounds=1000).hash,
    "pbkdf2-sha512": pbkdf2_sha512.using(rounds=1000).hash,
    "scrypt": scrypt.using(rounds=4).hash,
    "weak argon2": PasswordHasher(time_cost=1, memory_cost=1024).hash,
    "argon2i": PasswordHasher(time_cost=1, memory_cost=1024, type=Type.I, hash_len=20).hash,
}
EACH = pytest.mark.parametrize("hashed", OLD.values(), ids=OLD.keys())


@EACH
def test_an_onion_takes_the_same_password_and_no_other(hashed: Callable[[str], str]) -> None:
    onion = passwords.wrapped(hashed(PASSWORD))
    assert onion.startswith(passwords.POLICY)
    assert passwords.verify(PASSWORD, onion).right
    for wrong in (f"{PASSWORD}!", "", PASSWORD.upper(), onion):
        assert not passwords.verify(wrong, onion).right


@EACH
def test_the_old_digest_is_not_in_the_onion(hashed: Callable[[str], str]) -> None:
    """Whoever steals the onion cannot try passwords against the old, fast scheme."""
    old = hashed(PASSWORD)
    digest = old[-31:] if old.startswith("$2") else old.rpartition("$")[2]
    assert digest not in passwords.wrapped(old)
    assert not passwords.verify(PASSWORD, passwords.wrapped(old).split("|")[0] + "|" + old).right


@EACH
def test_a_layer_more_when_the_policy_rises(hashed: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    onion = passwords.wrapped(hashed(PASSWORD))
    monkeypatch.setattr(passwords, "POLICY", "pw$2$")
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=3, memory_cost=19_456, parallelism=1))
    twice = passwords.wrapped(onion)
    assert twice.count("|") == 2 and "t=3" in twice.rpartition("|")[2]
    assert passwords.verify(PASSWORD, twice).right and not passwords.verify("x", twice).right


@EACH
def test_signing_in_takes_the_onion_off(
    app: Flask, enrolled: Enrolled, query: Query, hashed: Callable[[str], str]
) -> None:
    enrolled(ANN, password=passwords.wrapped(hashed(PASSWORD)))
    assert give_password(Browser(app), ANN.email, "iets anders").status_code == 422
    assert give_password(Browser(app), ANN.email).status_code == 303
    [(stored,)] = query("SELECT password_hash FROM auth_secret WHERE id = %s", ANN.id)
    assert passwords.is_plain(stored)
    assert give_password(Browser(app), ANN.email).status_code == 303


@EACH
def test_what_was_not_wrapped_yet_signs_in_too(app: Flask, enrolled: Enrolled, hashed: Callable[[str], str]) -> None:
    enrolled(ANN, password=hashed(PASSWORD))
    assert give_password(Browser(app), ANN.email).status_code == 303


def test_bcrypt_reads_72_bytes_as_it_always_did() -> None:
    """Today's library refuses longer ones: who had such a password elsewhere would have met an error page."""
    long = "een zin " * 12
    known = bcrypt.using(rounds=5).hash(long.encode()[:72])
    assert passwords.verify(long, known).right and passwords.verify(long, passwords.wrapped(known)).right


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(min_size=1, max_size=80))
def test_any_password_survives_wrapping(password: str) -> None:
    if not passwords._can_be_hashed(passwords._prepared(password)):
        return
    known = pbkdf2_sha256.using(rounds=1).hash(passwords._prepared(password))
    assert passwords.verify(password, passwords.wrapped(known)).right


@pytest.mark.parametrize("scheme", passwords.KNOWN_ANSWERS)
def test_a_scheme_that_answers_wrong_stops_the_start(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = old_hashes.answer

    def wrong(password: str, known: str) -> str:
        return "broken" if old_hashes.scheme_of(known) == scheme else right(password, known)

    monkeypatch.setattr(old_hashes, "answer", wrong)
    with pytest.raises(BrokenHashing, match=scheme):
        passwords.refuse_broken()


@pytest.mark.asvs("V11.2.2", "V11.4.2")
def test_the_night_brings_everybody_to_policy(worker_app: Flask, enrolled: Enrolled, query: Query) -> None:
    for person, hashed in zip((ANN, BOB, MEG), list(OLD.values())[:3], strict=True):
        enrolled(person, password=hashed(PASSWORD))
    enrolled(EVE)
    with worker_app.app_context(), viewing_as(Everything("old hashes of the tests")):
        before = wrapping.report()
        assert wrapping.share_on_policy(before) == 25
        while wrapping.wrap_old_hashes():
            pass
        after = wrapping.report()
        assert wrapping.share_on_policy(after) == 100
        assert "argon2id over bcrypt" in {each.scheme for each in after}
        assert wrapping.wrap_all() == 0
    stored = query("SELECT password_hash FROM auth_secret")
    assert all(passwords.verify(PASSWORD, known).right for (known,) in stored)


def test_who_signs_in_meanwhile_wins(worker_app: Flask, app: Flask, enrolled: Enrolled, query: Query) -> None:
    """The night has read the old hash; then its owner signs in; what the night writes must not count."""
    enrolled(ANN, password=OLD["bcrypt"](PASSWORD))
    wrapped = passwords.wrapped

    def slowly(stored: str) -> str:
        assert at_once(1, lambda _: give_password(Browser(app), ANN.email).status_code) == [303]
        return wrapped(stored)

    with worker_app.app_context(), viewing_as(Everything("old hashes")), pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "wrapped", slowly)
        assert wrapping.wrap_all() == 0
    [(stored,)] = query("SELECT password_hash FROM auth_secret")
    assert passwords.is_plain(stored)


def test_who_sets_a_new_password_meanwhile_keeps_it(worker_app: Flask, enrolled: Enrolled, query: Query) -> None:
    enrolled(ANN, password=OLD["bcrypt"](PASSWORD))
    fresh = passwords.hashed("vier groene fietsen in de regen")
    wrapped = passwords.wrapped
    with worker_app.app_context(), viewing_as(Everything("old hashes")), pytest.MonkeyPatch.context() as patch:

        def slowly(stored: str) -> str:
            query("UPDATE auth_secret SET password_hash = %s", fresh)
            return wrapped(stored)

        patch.setattr(passwords, "wrapped", slowly)
        wrapping.wrap_all()
    assert query("SELECT password_hash FROM auth_secret") == [(fresh,)]


KILLED = """
import os, signal, sys
from pathlib import Path
from leadcrm.app import create_app
from leadcrm.auth.services import passwords, wrapping
from leadcrm.core.config import Config
from leadcrm.core.scope import Everything, viewing_as
app = create_app(Config(instance=Path(sys.argv[1]), testing=True), sys.argv[2])
once = []
def killed(stored):
    if once:
        os.kill(os.getpid(), signal.SIGKILL)
    once.append(stored)
    return wrapped(stored)
wrapped, passwords.wrapped = passwords.wrapped, killed
with app.app_context(), viewing_as(Everything("killed")):
    wrapping.wrap_all()
"""


@pytest.mark.attack
def test_killed_half_way_is_harmless(worker_app: Flask, enrolled: Enrolled, query: Query, urls: Urls) -> None:
    for person in (ANN, BOB, MEG):
        enrolled(person, password=OLD["scrypt"](PASSWORD))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(worker_app.extensions["config"].instance), urls.worker],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    stored = [known for (known,) in query("SELECT password_hash FROM auth_secret")]
    assert sum(known.startswith("pw$1$") for known in stored) == 1
    assert all(passwords.verify(PASSWORD, known).right for known in stored)
    with worker_app.app_context(), viewing_as(Everything("old hashes of the tests")):
        assert wrapping.wrap_all() == 2
        assert wrapping.share_on_policy(wrapping.report()) == 100


@EACH
def test_a_hash_is_brought_in_wrapped(
    worker_app: Flask, app: Flask, query: Query, hashed: Callable[[str], str]
) -> None:
    query("UPDATE auth_user SET joined_at = NULL")
    with worker_app.app_context():
        done = CliRunner().invoke(user, ["import-hash", ANN.email], input=hashed(PASSWORD) + "\n")
    assert done.exit_code == 0, done.output
    [(stored,)] = query("SELECT password_hash FROM auth_secret")
    assert stored.startswith(passwords.POLICY)
    assert give_password(Browser(app), ANN.email).status_code == 303
    with worker_app.app_context():
        again = CliRunner().invoke(user, ["import-hash", ANN.email], input=hashed("ander wachtwoord"))
    assert again.exit_code == 1 and "--replace" in again.output


@pytest.mark.parametrize(
    "rubbish",
    ["", "geheim", "5f4dcc3b5aa765d61d8327deb882cf99", "$2b$05$Ms.KBswMWH6H9xnnPbjGi.", "$2b$20$" + "." * 53,
     "$pbkdf2-sha256$99000000$OWcM4bx3LuXcu5fSei.l1A$" + "A" * 43, "$argon2id$v=19$m=1024,t=1,p=1$!!$!!"],
)  # fmt: skip
def test_what_is_no_usable_hash_is_refused(rubbish: str) -> None:
    with pytest.raises(Invalid):
        old_hashes.refuse_unusable(rubbish)


def test_hash_status_prints_shares_and_says_by_its_exit_code(worker_app: Flask, enrolled: Enrolled) -> None:
    enrolled(ANN, password=OLD["bcrypt"](PASSWORD))
    enrolled(BOB)
    with worker_app.app_context():
        before = CliRunner().invoke(user, ["hash-status"])
        after = CliRunner().invoke(user, ["hash-status", "--wrap"])
    assert before.exit_code == 1 and "BELOW POLICY" in before.output and "50.0%" in before.output
    assert after.exit_code == 0 and "BELOW" not in after.output and "100.0%" in after.output


def test_the_application_sees_no_hash(app: Flask, enrolled: Enrolled) -> None:
    """Neither the report nor what is below the policy can be asked by a web process."""
    enrolled(ANN)
    with app.app_context(), viewing_as(None), pytest.raises(Exception, match="permission denied"):
        wrapping.report()
