"""Hashes at or above the floor, old schemes still read, and no password that is tried first."""

import hmac
import unicodedata
from threading import BoundedSemaphore

import pytest
from flask import Flask

from leadcrm.auth.services import guessable, old_hashes, passwords
from leadcrm.auth.services.passwords import BrokenHashing, Busy
from leadcrm.core.fields.kinds import Invalid

GOOD = [
    "vier groene fietsen in de regen", "correct horse battery staple", "Zk9#vQ2!pL7w", "een-lange-zin-over-hypotheken",
    "ik eet op dinsdag altijd soep", "mijn oma fietst naar Utrecht", "tR5$kkWq81zzPx",
]  # fmt: skip
GUESSABLE = [
    "password1234", "Welkom-2026!!", "W3lk0m-12345", "wachtwoord-2026", "123456789012", "qwertyuiopas", "aaaaaaaaaaaaa",
    "abababababab", "hypotheek2026!", "Amsterdam-2026", "zomer2026zomer", "1q2w3e4r5t6y", "welkomwelkom1",
    "adminadmin123", "iloveyou12345", "Geheim!Geheim!", "abcdefghijkl", "P@ssw0rd-2026", "121212121212",
    "sinterklaas12",
]  # fmt: skip
OWN = ["Ann de Wit 2026", "annwit-12345", "Hypotheekhoek1!", "ann@example.org", "1234annann1234"]


@pytest.mark.asvs("V6.2.5")
@pytest.mark.parametrize("password", GOOD)
def test_what_nobody_tries_first_is_taken(app: Flask, password: str) -> None:
    with app.app_context():
        passwords.refuse_weak(password, "Ann de Wit", "ann@example.org", "De Hypotheekhoek")


@pytest.mark.asvs("V6.2.4", "V6.1.2", "V6.2.11", "V6.2.12")
@pytest.mark.parametrize("password", [*GUESSABLE, *OWN])
def test_what_is_tried_first_is_refused(app: Flask, password: str) -> None:
    with app.app_context(), pytest.raises(Invalid):
        passwords.refuse_weak(password, "Ann de Wit", "ann@example.org", "De Hypotheekhoek")


@pytest.mark.asvs("V6.2.1")
@pytest.mark.parametrize("password", ["", "elf tekens.", "x" * 129, "é" * 600, "goed lang maar \0 erin"])
def test_length_and_bytes(app: Flask, password: str) -> None:
    with app.app_context(), pytest.raises(Invalid):
        passwords.refuse_weak(password)


@pytest.mark.asvs("V6.2.1", "V6.2.9")
def test_twelve_characters_are_enough_and_128_can_be_used(app: Flask) -> None:
    with app.app_context():
        passwords.refuse_weak("Zk9#vQ2!pL7w")
        passwords.refuse_weak(("Zk9#vQ2!pL7w" * 11)[:128])


@pytest.mark.asvs("V11.4.2")
def test_hashes_are_argon2id_at_the_floor_or_above() -> None:
    first, second = passwords.hashed("vier groene fietsen"), passwords.hashed("vier groene fietsen")
    assert first.startswith("pw$1$$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert passwords.verify("vier groene fietsen", first).right
    assert not passwords.verify("vier groene fietsen ", first).right


def test_the_same_letters_count_in_every_spelling() -> None:
    composed = unicodedata.normalize("NFC", "één café aan zee")
    assert passwords.verify(unicodedata.normalize("NFD", composed), passwords.hashed(composed)).right


def test_a_weaker_argon2_is_replaced_and_a_right_one_is_not() -> None:
    weak = passwords.KNOWN_ANSWERS["argon2"]
    assert passwords.verify(passwords.KNOWN_TEXT, weak).outdated
    better = passwords.hashed(passwords.KNOWN_TEXT)
    assert better.startswith("pw$1$$argon2id$v=19$m=19456,t=2,p=1$")
    assert not passwords.verify(passwords.KNOWN_TEXT, better).outdated


def test_an_unknown_account_takes_as_long_as_a_known_one() -> None:
    assert passwords.is_plain(passwords.NOBODYS)
    assert not passwords.HASHER.check_needs_rehash(passwords.layers(passwords.NOBODYS)[0])  # the same costs


@pytest.mark.parametrize("typed", ["", "\0", "x" * 1025, "\ud800"])
def test_without_a_hash_nothing_is_right(typed: str) -> None:
    assert not passwords.verify(typed, None).right
    assert not passwords.verify(typed, passwords.hashed("vier groene fietsen")).right


def test_a_broken_library_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords.refuse_broken()
    for scheme in passwords.KNOWN_ANSWERS:
        with monkeypatch.context() as patched:
            patched.setitem(passwords.KNOWN_ANSWERS, scheme, passwords.NOBODYS)
            with pytest.raises(BrokenHashing, match=scheme):
                passwords.refuse_broken()
    monkeypatch.setattr(hmac, "compare_digest", lambda *_arguments: True)
    with pytest.raises(BrokenHashing):
        passwords.refuse_broken()


def test_every_scheme_that_is_read_has_a_known_answer() -> None:
    assert set(old_hashes.SCHEMES) == set(passwords.KNOWN_ANSWERS)


@pytest.mark.asvs("V15.2.2")
def test_a_flood_does_not_take_all_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    full = BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(passwords, "_room", full)
    monkeypatch.setattr(passwords, "PATIENCE_SECONDS", 0.01)
    with pytest.raises(Busy):
        passwords.hashed("vier groene fietsen")
    with pytest.raises(Busy):
        passwords.verify("vier groene fietsen", None)


def test_the_place_in_the_queue_is_given_back() -> None:
    for _ in range(20):
        passwords.verify("x", passwords.KNOWN_ANSWERS["scrypt"])
    with pytest.raises(ValueError, match="hash"):
        passwords.verify("x", "no hash at all")
    assert passwords.verify(passwords.KNOWN_TEXT, passwords.KNOWN_ANSWERS["bcrypt"]).right


def test_the_list_is_long_and_comes_along() -> None:
    assert len(guessable.COMMON) >= 10_000 and len(guessable.NAMES_AND_WORDS) >= 80_000
    long_enough = [word for word in guessable.COMMON if len(word) >= passwords.SHORTEST]
    assert len(long_enough) > 30 and all(guessable.guessed(word) for word in long_enough)


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("abcabcabcabc", "rij toetsen"), ("1q2w3e4r5t6y7u", "rij toetsen"),
        ("passwordpassword1", "bekend woord"), ("Feyenoord-2026", "bekend woord"),
        ("christopher12", "bekend woord"), ("annwit-12345", "eigen naam"), ("LeadCRM-2026!", "bekend woord"),
        ("zomervakantie1", "bekend woord"), ("Hypotheekhoek1!", "eigen naam"),
    ],
)
def test_the_refusal_says_why_and_what_to_do(app: Flask, password: str, says: str) -> None:
    with app.test_request_context("/"):
        with pytest.raises(Invalid) as refused:
            passwords.refuse_weak(password, "Ann de Wit", "ann@example.org", "De Hypotheekhoek")
        assert says in str(refused.value) and "vier woorden" in str(refused.value)
