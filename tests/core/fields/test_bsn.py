"""The guard against citizen service numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadcrm.core.fields import bsn
from leadcrm.core.fields.kinds import Invalid

PASSPORT = "P<NLDDE<BRUIJN<<WILLEKE<LISELOTTE<<<<<<<<<<<\nSPECI20142NLD6503101F2403096111222333<<<<<84"
CARD = "I<NLDSPECI20142111222333<<<<<<\n6503101F2403096NLD<<<<<<<<<<<8"


@pytest.mark.parametrize(
    "text",
    [
        "BSN 111222333",
        "bsn: 1112.22.333",
        "B.S.N. 111 222 333",
        "Burgerservicenummer van de partner is 111222333",
        "sofinummer=111222333",
        "111222333 (sofi nr)",
        "his citizen service number: 111222333",
        PASSPORT,
        CARD,
    ],
)
def test_number_is_found_and_masked(text: str) -> None:
    masked, count = bsn.mask(text)
    assert count == 1
    assert "222" not in masked
    with pytest.raises(Invalid, match="citizen service number") as refusal:
        bsn.refuse(text)
    assert "111222333" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "Dossier 111222333",
        "BSN 111222334",
        "BSN 1112223334",
        "BSN volgt later" + " ." * 60 + "111222333",
        "absnt 111222333",
        "BSN 000000000",
        "",
    ],
)
def test_other_numbers_pass(text: str) -> None:
    assert bsn.mask(text) == (text, 0)


def test_several_numbers_are_all_masked() -> None:
    masked, count = bsn.mask("BSN 111222333 en BSN 123456782, dossier 12")
    assert (masked, count) == ("BSN ********* en BSN *********, dossier 12", 2)


@pytest.mark.parametrize("title", ["BSN", "bsn_nummer", "Sofinummer", "burgerservicenummer partner"])
def test_column_titles_are_known(title: str) -> None:
    assert bsn.is_word(title)


def test_other_column_titles_are_not() -> None:
    assert not bsn.is_word("Naam")


@given(st.text(max_size=300))
def test_masking_leaves_nothing_to_find(text: str) -> None:
    masked, _ = bsn.mask(text + " BSN 111222333")
    assert bsn.find(masked) == []
    assert len(masked) == len(text) + 14


def test_long_text_is_searched_in_time() -> None:
    assert len(bsn.find("BSN 111222333 " * 20_000)) == 20_000
