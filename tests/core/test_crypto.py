"""Sealed values open in their own place only, and keys are refused when they could have leaked."""

import os
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadcrm.core.crypto import CannotOpen, KeyProblem, Keyring, Place, write_private

COMPANY, ROW = uuid4(), uuid4()
HERE = Place("leads_person", "iban", COMPANY, ROW)
RING = Keyring({1: os.urandom(32)})


@given(st.binary(max_size=500))
def test_what_was_sealed_opens_again(plain: bytes) -> None:
    assert RING.open(RING.seal(plain, HERE), HERE) == plain


@pytest.mark.asvs("V11.3.3")
@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("leads_income", "iban", COMPANY, ROW),
        Place("leads_person", "birth_date", COMPANY, ROW),
        Place("leads_person", "iban", uuid4(), ROW),
        Place("leads_person", "iban", COMPANY, uuid4()),
    ],
    ids=["table", "column", "company", "row"],
)
def test_a_box_does_not_open_elsewhere(elsewhere: Place) -> None:
    with pytest.raises(CannotOpen):
        RING.open(RING.seal(b"NL91ABNA0417164300", HERE), elsewhere)


@pytest.mark.asvs("V11.3.3")
@pytest.mark.parametrize("position", [0, 1, 4, 5, 16, 17, 30, -1])
def test_a_changed_box_does_not_open(position: int) -> None:
    box = bytearray(RING.seal(b"NL91ABNA0417164300", HERE))
    box[position] ^= 1
    with pytest.raises(CannotOpen):
        RING.open(bytes(box), HERE)


@pytest.mark.parametrize("length", [0, 1, 16, 17, 32])
def test_a_truncated_box_does_not_open(length: int) -> None:
    with pytest.raises(CannotOpen):
        RING.open(RING.seal(b"NL91ABNA0417164300", HERE)[:length], HERE)


@pytest.mark.asvs("V11.3.4")
def test_equal_values_look_different() -> None:
    assert RING.seal(b"same", HERE) != RING.seal(b"same", HERE)


@pytest.mark.asvs("V11.2.2")
def test_the_newest_key_seals_and_the_old_one_still_opens() -> None:
    old, new = os.urandom(32), os.urandom(32)
    box = Keyring({1: old}).seal(b"value", HERE)
    rotated = Keyring({1: old, 2: new})
    assert rotated.open(box, HERE) == b"value"
    with pytest.raises(CannotOpen):
        Keyring({1: old}).open(rotated.seal(b"value", HERE), HERE)


def test_a_blind_index_finds_equals_within_one_company_and_column() -> None:
    index = RING.blind_index(COMPANY, "birth", "1984-02-29 jansen")
    assert index == RING.blind_index(COMPANY, "birth", "1984-02-29 jansen")
    assert index not in (
        RING.blind_index(uuid4(), "birth", "1984-02-29 jansen"),
        RING.blind_index(COMPANY, "iban", "1984-02-29 jansen"),
    )
    assert -(2**63) <= index < 2**63


def test_every_purpose_has_a_key_of_its_own() -> None:
    keys = {
        RING.derived("audit"),
        RING.derived("form session"),
        RING.derived("audit", COMPANY),
        RING.derived("audit", uuid4()),
    }
    assert len(keys) == 4


def test_new_keys_are_private_from_the_first_moment(tmp_path: Path) -> None:
    Keyring.create(tmp_path / "keys")
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys/master-1.key").stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    Keyring.create(tmp_path)
    with pytest.raises(FileExistsError):
        Keyring.create(tmp_path)


@pytest.mark.asvs("V13.3.2")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    Keyring.create(tmp_path)
    (tmp_path / "master-1.key").chmod(mode)
    with pytest.raises(KeyProblem, match="chmod 600"):
        Keyring.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not base64 \xff", b"c2hvcnQ="])
def test_a_damaged_key_is_refused(tmp_path: Path, content: bytes) -> None:
    write_private(tmp_path / "master-1.key", content)
    with pytest.raises(KeyProblem, match="backup"):
        Keyring.load(tmp_path)


def test_no_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyProblem, match="leadcrm init"):
        Keyring.load(tmp_path / "nowhere")
