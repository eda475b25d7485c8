"""Boxes made up, cut, glued together and moved: none opens but what was sealed, and none does worse than fail."""

import math
import os
import struct
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadcrm.core.crypto import HEADER, CannotOpen, CompanyKey, Keyring, Place, box_number

HOME, ELSEWHERE = uuid4(), uuid4()
KEYS = {HOME: [os.urandom(32), os.urandom(32)], ELSEWHERE: [os.urandom(32)]}


class Stored:
    """Companies' keys without a database."""

    def of(self, company_id: UUID, *, make: bool) -> list[CompanyKey]:
        return [CompanyKey(number, key, math.inf) for number, key in enumerate(KEYS.get(company_id, []), 1)]


RING = Keyring({1: os.urandom(32)}, os.urandom(32), Stored())
OLD = Keyring({1: RING._masters[1]})
TEXT = st.binary(max_size=300)
NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)
PLACES = st.builds(Place, NAMES, NAMES, st.sampled_from([HOME, ELSEWHERE]), st.uuids())


@settings(max_examples=100, deadline=None)
@given(TEXT, PLACES)
def test_what_is_sealed_opens_in_its_place(plain: bytes, place: Place) -> None:
    box = RING.seal(plain, place)
    assert RING.open(box, place) == plain
    assert len(box) == HEADER.size + len(plain) + 16 and box_number(box) == (2, len(KEYS[place.company_id]))


@settings(max_examples=100, deadline=None)
@given(TEXT, PLACES, PLACES)
def test_and_in_no_other(plain: bytes, place: Place, other: Place) -> None:
    if bytes(place) != bytes(other):
        with pytest.raises(CannotOpen):
            RING.open(RING.seal(plain, place), other)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), PLACES)
def test_rubbish_fails_and_does_nothing_else(rubbish: bytes, place: Place) -> None:
    with pytest.raises(CannotOpen):
        RING.open(rubbish, place)
    assert box_number(rubbish)[0] in range(256)


@settings(max_examples=100, deadline=None)
@given(TEXT, PLACES, st.data())
def test_one_changed_bit_is_enough(plain: bytes, place: Place, data: st.DataObject) -> None:
    box = bytearray(RING.seal(plain, place))
    at = data.draw(st.integers(0, len(box) * 8 - 1))
    box[at // 8] ^= 1 << at % 8
    with pytest.raises(CannotOpen):
        RING.open(bytes(box), place)


@settings(max_examples=100, deadline=None)
@given(TEXT, PLACES, st.data())
def test_cut_lengthened_or_glued(plain: bytes, place: Place, data: st.DataObject) -> None:
    box, other = RING.seal(plain, place), RING.seal(plain + b"x", place)
    cut = data.draw(st.integers(0, len(box) - 1))
    for made in (box[:cut], box + data.draw(st.binary(min_size=1, max_size=9)), box[:cut] + other[cut:]):
        if made not in (box, other):
            with pytest.raises(CannotOpen):
                RING.open(made, place)


@settings(max_examples=100, deadline=None)
@given(TEXT, PLACES, st.integers(0, 255), st.integers(0, 2**32 - 1))
def test_another_version_or_key_number(plain: bytes, place: Place, version: int, number: int) -> None:
    box = RING.seal(plain, place)
    made = struct.pack(">BI", version, number) + box[5:]
    if made != box:
        with pytest.raises(CannotOpen):
            RING.open(made, place)


@settings(max_examples=100, deadline=None)
@given(TEXT, PLACES)
def test_the_old_scheme_and_the_new_do_not_mix(plain: bytes, place: Place) -> None:
    old = OLD.seal(plain, place)
    assert RING.open(old, place) == plain
    with pytest.raises(CannotOpen):
        RING.open(b"\x02" + old[1:], place)
    with pytest.raises(CannotOpen):
        RING.open(b"\x01" + RING.seal(plain, place)[1:], place)
    with pytest.raises(CannotOpen):
        OLD.open(RING.seal(plain, place), place)  # a program from before companies had keys fails, and says so


def test_nonces_do_not_repeat() -> None:
    place = Place("t", "c", HOME, uuid4())
    assert len({RING.seal(b"", place)[5:17] for _ in range(20_000)}) == 20_000
