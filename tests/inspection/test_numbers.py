"""The guard against citizen service numbers over what is in a file."""

import pytest

from leadcrm.inspection.parsing.tables import Table
from leadcrm.inspection.services.examining import examine_pieces
from leadcrm.inspection.services.numbers import numbers_in
from leadcrm.inspection.services.reasons import Reason
from tests.inspection import good

NUMBER = "123456782"


def test_the_number_is_in_no_answer() -> None:
    verdict = examine_pieces([good.pdf(f"BSN {NUMBER}")], "a.pdf")
    assert verdict.refused == Reason.BSN
    assert NUMBER not in repr(verdict) and NUMBER not in Reason.BSN.label


@pytest.mark.parametrize("words", [f"Ordernummer {NUMBER}", "BSN 123456789", "Rekening NL91ABNA0417164300"])
def test_other_numbers_are_taken(words: str) -> None:
    assert examine_pieces([good.pdf(words)], "a.pdf").ok


def test_what_stands_beside_each_other_is_read_together() -> None:
    """Labels written first and numbers later, as programs for payslips do: on paper they are one line."""
    labels = "".join(
        f"1 0 0 1 60 {700 - 20 * line} Tm ({'BSN' if line == 9 else 'Looncomponent nummer ' + str(line)}) Tj "
        for line in range(20)
    )
    values = "".join(
        f"1 0 0 1 300 {700 - 20 * line} Tm ({NUMBER if line == 9 else '1.234,56'}) Tj " for line in range(20)
    )

    def change(document: object) -> None:
        page = document.pages[0].obj  # type: ignore[attr-defined]
        page.Contents = document.make_stream(f"BT /F1 9 Tf {labels}{values} ET".encode())  # type: ignore[attr-defined]

    content = good.pdf(change=change)
    assert examine_pieces([content], "a.pdf").refused == Reason.BSN
    assert examine_pieces([content.replace(b"BSN", b"ABC")], "a.pdf").refused in (None, Reason.BSN)


def test_a_number_far_below_its_heading_is_found() -> None:
    table = Table()
    rows = [{1: "Naam", 2: "BSN"}] + [{1: "x" * 90, 2: "0"}] * 30 + [{1: "y", 2: "10000008"}]
    words = "".join(map(table.row, rows))
    assert len(numbers_in(words)) == 1


def test_both_parties_see_the_same_text() -> None:
    words = f"Mijn BSN is {NUMBER}."
    assert [words[start:end] for start, end in numbers_in(words)] == [NUMBER]
