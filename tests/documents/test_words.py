"""Names, guesses and dates: what is made of what people call their files."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import leadcrm
from leadcrm.core.fields.kinds import Invalid
from leadcrm.documents.models.document import Document
from leadcrm.documents.models.kinds import LONGEST, FileName, from_elsewhere
from leadcrm.documents.models.terms import DocumentKind as Kind
from leadcrm.documents.services.expiry import FRESH, Flag, after_months, flag_of, usable
from leadcrm.documents.services.guessing import WORDS, kind_of

TODAY = date(2026, 11, 21)
FOLDER = Path(leadcrm.__file__).parent / "documents"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Loonstrook oktober.pdf", Kind.PAYSLIP), ("20261014_salarisspecificatie.pdf", Kind.PAYSLIP),
     ("WGV_2026.pdf", Kind.EMPLOYER_STATEMENT), ("Jaaropgave 2025 Zoë.pdf", Kind.ANNUAL_STATEMENT),
     ("paspoort-jan.jpg", Kind.IDENTITY), ("ID kaart.png", Kind.IDENTITY), ("koopakte.pdf", Kind.PURCHASE_CONTRACT),
     ("Koopovereenkomst getekend.pdf", Kind.PURCHASE_CONTRACT), ("taxatierapport.pdf", Kind.VALUATION),
     ("WOZ2026.pdf", Kind.MUNICIPAL_VALUE), ("BKR.pdf", Kind.CREDIT_REGISTER), ("DUO schuld.pdf", Kind.STUDENT_LOAN),
     ("UPO pensioen.pdf", Kind.PENSION), ("aangifte IB 2025.pdf", Kind.TAX_RETURN),
     ("jaarcijfers.xlsx", Kind.ANNUAL_ACCOUNTS),
     ("Hypotheekofferte.pdf", Kind.MORTGAGE_OFFER), ("scan0001.pdf", Kind.OTHER), ("individueel.pdf", Kind.OTHER),
     ("evenement.pdf", Kind.OTHER), ("", Kind.OTHER)],
)  # fmt: skip
def test_the_kind_is_guessed_from_the_name(name: str, kind: Kind) -> None:
    assert kind_of(name) == kind


def test_every_kind_but_other_can_be_guessed() -> None:
    assert {kind for kind, _words in WORDS} | {Kind.OTHER} == set(Kind)
    for kind in Kind:
        guessed = kind_of(f"{kind.nl}.pdf")
        assert guessed == kind or kind in (Kind.OTHER, Kind.BUILDING_CONTRACT, Kind.SAVINGS), kind


@pytest.mark.parametrize(
    ("sent", "shown"),
    [(r"C:\Users\jan\loon.pdf", "loon.pdf"), ("../../etc/passwd", "passwd"), ("a\x00b.pdf", "ab.pdf"),
     ("loon\u202efdp.exe", "loonfdp.exe"), ("..", "document"), ("", "document"), (" a  b .pdf", "a b .pdf"),
     ("a\u00a0b.pdf", "a b.pdf"), ("BSN 111222333.pdf", "BSN xxxxxxxxx.pdf"), ("e\u0301.pdf", "é.pdf"),
     ("<img src=x>.png", "_img src=x_.png"), ("\ud800x.pdf", "x.pdf"), ("x" * 300 + ".pdf", "x" * 196 + ".pdf")],
)  # fmt: skip
def test_a_name_from_elsewhere_is_made_fit_to_be_shown(sent: str, shown: str) -> None:
    assert from_elsewhere(sent) == shown


@given(st.text(max_size=400))
def test_no_name_is_too_much(name: str) -> None:
    shown = from_elsewhere(name)
    assert 0 < len(shown) <= LONGEST and from_elsewhere(shown) == shown
    assert FileName().parse(shown) == shown


@pytest.mark.parametrize("name", ["a/b", "a\\b", "a:b", ".hidden", "ends.", "x" * 201, "BSN 111222333"])
def test_a_name_that_somebody_types_is_refused_when_it_is_none(name: str) -> None:
    with pytest.raises(Invalid):
        FileName().parse(name)


def of(kind: Kind = Kind.OTHER, dated: int | None = None, expires: int | None = None, came: int = 0) -> Document:
    """Dated and come so many days ago; expiring in so many."""
    return Document(
        kind=kind, dated_on=None if dated is None else TODAY - timedelta(days=dated),
        expires_on=None if expires is None else TODAY + timedelta(days=expires),
        created_at=datetime(2026, 11, 21) - timedelta(days=came),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("document", "flag"),
    [(of(), None), (of(dated=900), None), (of(Kind.PAYSLIP, dated=90), None), (of(Kind.PAYSLIP, dated=93), Flag.OLD),
     (of(Kind.PAYSLIP, came=200), Flag.OLD), (of(Kind.PAYSLIP, dated=3, came=200), None),
     (of(Kind.VALUATION, dated=100), None), (of(Kind.VALUATION, dated=190), Flag.OLD),
     (of(Kind.IDENTITY, expires=0), Flag.SOON), (of(Kind.IDENTITY, expires=-1), Flag.EXPIRED),
     (of(Kind.IDENTITY, expires=31), None), (of(Kind.PAYSLIP, dated=200, expires=-1), Flag.EXPIRED)],
)  # fmt: skip
def test_what_is_too_old_stands_out(document: Document, flag: Flag | None) -> None:
    assert flag_of(document, TODAY) == flag
    assert usable(document, TODAY) == (flag in (None, Flag.SOON))


def test_statements_of_more_than_three_months_are_flagged() -> None:
    assert {FRESH[kind] for kind in (Kind.PAYSLIP, Kind.EMPLOYER_STATEMENT, Kind.BANK_STATEMENT)} == {3}
    assert after_months(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert after_months(date(2026, 12, 31), 2) == date(2027, 2, 28)
    assert after_months(date(2026, 9, 15), 3) == date(2026, 12, 15)


def test_every_sentence_is_translated() -> None:
    keywords: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    asked = {message for _file, _line, message, _comments, _context in
             extract_from_dir(FOLDER, methods, keywords=keywords)}  # fmt: skip
    with (FOLDER / "translations/nl/LC_MESSAGES/messages.po").open("rb") as file:
        catalog = read_po(file, locale="nl")
    known = {each.id if isinstance(each.id, str) else tuple(each.id): each for each in catalog if each.id}
    assert asked == known.keys()
    for message in known.values():
        assert all(message.string if isinstance(message.string, tuple) else (message.string,)), message.id
        assert not list(message.check(catalog)), message.id
