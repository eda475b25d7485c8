"""From titles and values to a mapping, and from lines to households."""

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.fields.money import Money, Percentage, Whole
from leadcrm.imports.services.mapping import Column, Mapping
from leadcrm.imports.services.plan import Plan, Reading
from leadcrm.imports.services.reading import read
from leadcrm.imports.services.suggest import apply_template, fits_template, phrase, suggest, target_named
from leadcrm.imports.services.targets import split_name, split_number, split_street, targets
from leadcrm.imports.services.values import reader
from tests.imports.files import DUTCH, HMDA, LOANS


def suggested(text: str) -> tuple[list[str], list[list[str]], Mapping]:
    table = read(text.encode())
    rows = [cells for _line, cells in table.rows]
    return table.titles, rows, suggest(table.titles, rows, table.layout.decimal)


def readings(text: str, mapping: Mapping | None = None) -> list[Reading]:
    titles, rows, found = suggested(text)
    plan = Plan(titles, mapping or found, {})
    return [plan.read(cells) for cells in rows]


def targets_of(text: str) -> dict[str, tuple[str, int]]:
    mapping = suggested(text)[2]
    return {title: (column.target, column.times) for title, column in mapping.columns.items() if column.target}


def test_loans_are_understood() -> None:
    assert targets_of(LOANS) == {
        "Loan_ID": ("lead.external_reference", 1),
        "Gender": ("applicant.gender", 1),
        "Married": ("applicant.marital_status", 1),
        "Self_Employed": ("income.employment", 1),
        "ApplicantIncome": ("income.gross_year", 12),
        "CoapplicantIncome": ("partner_income.gross_year", 12),
        "LoanAmount": ("wish.mortgage_amount", 1000),
        "Loan_Amount_Term": ("loan_part.term_months", 1),
    }


def test_hmda_is_understood() -> None:
    assert targets_of(HMDA) == {
        "loan_amount": ("wish.mortgage_amount", 1),
        "interest_rate": ("loan_part.rate", 1),
        "property_value": ("property.market_value", 1),
        "income": ("income.gross_year", 1000),
    }


def test_dutch_file_is_understood() -> None:
    found = targets_of(DUTCH)
    assert found["Bruto jaarinkomen"] == ("income.gross_year", 1)
    assert found["Koopsom"] == ("property.purchase_price", 1)
    assert found["Telefoonnummer"] == ("applicant.phone", 1)
    assert len(found) == 13


def test_dutch_lines_become_households() -> None:
    first, second, third = readings(DUTCH)
    assert first.household == {
        "lead": {"external_reference": "A-1", "goal": "purchase_existing"},
        "applicant": {
            "initials": "J.P.", "infix": "van der", "birth_name": "Berg", "birth_date": date(1980, 11, 21),
            "email": "jan@example.nl", "phone": "+31612345678", "phone_raw": "06-12345678", "postcode": "1234 AB",
            "house_number": 12,
        },
        "income": {"gross_year": 4_850_000, "employment": "10"},
        "property": {"purchase_price": 32_500_000},
        "wish": {"mortgage_amount": 30_000_050},
        "loan_part": {"amount": 30_000_050, "rate": 425},
    }  # fmt: skip
    assert second.household["loan_part"]["rate"] == 390
    assert first.problems + second.problems + third.problems == []


def test_loans_become_households() -> None:
    first, second, third, fourth = readings(LOANS)
    assert "partner" not in first.household, "an income of zero makes no co-applicant"
    assert str(first.remarks[0].message).startswith("There is no mortgage amount")
    assert second.household["partner_income"] == {"gross_year": 1_809_600, "employment": "10"}
    assert third.household["income"]["employment"] == "sole_trader"
    assert third.household["partner_income"]["gross_year"] == 1_182_960
    assert third.household["loan_part"] == {"term_months": 360, "amount": 6_600_000}
    assert "gender" not in fourth.household["applicant"]


def test_hmda_lines_become_households() -> None:
    first, second, third, fourth = readings(HMDA)
    assert first.household["income"]["gross_year"] == 27_800_000
    assert "loan_part" not in second.household
    assert third.household["loan_part"]["rate"] == 663
    assert fourth.household == {
        "lead": {"goal": "purchase_existing"}, "wish": {"mortgage_amount": 2_150_000_000}
    }  # fmt: skip


def test_a_column_that_does_not_fit_is_not_suggested() -> None:
    assert "Dependents" not in targets_of(LOANS)  # holds 3+
    assert targets_of("naam;postcode\nJan;onbekend\nPiet;geen\n").keys() == {"naam"}


def test_an_unknown_title_is_known_by_its_values() -> None:
    assert targets_of("kolom1;kolom2\njan@example.nl;06-12345678\npiet@example.nl;0687654321\n") == {
        "kolom1": ("applicant.email", 1),
        "kolom2": ("applicant.phone", 1),
    }


def test_no_target_is_used_twice() -> None:
    assert list(targets_of("e-mail;email\na@b.nl;c@d.nl\n")) == ["e-mail"]


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Achternaam partner", "partner.birth_name"),
        ("partner_email", "partner.email"),
        ("Telefoon 2", "partner.phone"),
        ("CoapplicantIncome", "partner_income.gross_year"),
        ("E-mailadres aanvrager", "applicant.email"),
        ("applicant.email", "applicant.email"),
        ("WOZ-waarde", "property.woz_value"),
        ("Huidige rente", "existing.rate"),
        ("Restant hypotheek", "existing.current_balance"),
        ("Leadbron", "lead.source_id"),
        ("Adviseur", "lead.owner_id"),
        ("Kleur", ""),
    ],
)
def test_titles_are_known(title: str, key: str) -> None:
    assert target_named(title) == key


def test_every_label_of_every_field_is_known() -> None:
    for target in targets().values():
        assert target_named(f"{target.part.nl} {target.nl}") == target.key
        assert target_named(f"{target.part.en} {target.en}") == target.key


def test_spelling_of_titles_does_not_matter() -> None:
    assert phrase("Loan_Amount_Term") == phrase("loanAmountTerm") == phrase(" Loan  amount-term ") == "loan amount term"


@pytest.mark.parametrize(
    ("cell", "decimal", "times", "cents"),
    [
        ("1.234", ",", 1, 123_400),
        ("1.234", ".", 1, 123),
        ("1,234", ".", 1, 123_400),
        ("1,234", ",", 1, 123),
        ("985.7999878", ".", 12, 1_182_960),
        ("128", ".", 1_000, 12_800_000),
        ("2.15E+07", ".", 1, 2_150_000_000),
        ("€ 48.500,00", ",", 1, 4_850_000),
        ("325k", ",", 1, 32_500_000),
        ("NA", ".", 1, None),
        (" exempt ", ".", 1, None),
    ],
)
def test_amounts_are_read_in_the_notation_of_the_file(cell: str, decimal: str, times: int, cents: int | None) -> None:
    assert reader(Money(), decimal, times)(cell) == cents


def test_other_numbers_are_read_in_the_notation_of_the_file() -> None:
    assert reader(Percentage(), ".", 100)("0.0425") == 425
    assert reader(Percentage(), ",")("4,25%") == 425
    assert reader(Whole(0, 480, "maanden", "months"), ".", 12)("30") == 360
    assert reader(Whole(), ".")("360.0") == 360


@pytest.mark.parametrize("cell", ["325k", "9" * 60, "1e99", "-5"])
def test_amounts_that_make_no_sense_are_refused(cell: str) -> None:
    with pytest.raises(Invalid):
        reader(Money(), ".", 1_000)(cell)


READERS = [reader(target.kind, decimal) for target in targets().values() for decimal in ".,"]


@settings(deadline=None)
@given(cell=st.text(st.characters(exclude_categories=()), max_size=30) | st.from_regex(r"[-€ \d.,eE+]{1,20}"))
def test_any_cell_is_a_value_or_refused(cell: str) -> None:
    for read_cell in READERS:
        with suppress(Invalid):
            read_cell(cell)


def plan_for(columns: dict[str, Column], directories: Any = None, **fixed: str) -> Plan:
    chosen = Mapping(columns, {"lead.goal": "other"} | {key.replace("__", "."): value for key, value in fixed.items()})
    return Plan(list(columns), chosen, directories or {})


def test_bad_cells_are_named_by_their_column() -> None:
    plan = plan_for({"Mail": Column("applicant.email"), "PC": Column("applicant.postcode")})
    reading = plan.read(["geen", "1234 AB"])
    assert [(problem.title, str(problem.message)[:10]) for problem in reading.problems] == [("Mail", "This is no")]
    assert reading.household["applicant"] == {"postcode": "1234 AB"}
    assert plan.read(["geen", ""]).problems, "a remembered cell is refused again"


def test_a_line_that_is_too_wide_is_refused() -> None:
    problem = plan_for({"Mail": Column("applicant.email")}).read(["a@b.nl", "x"]).problems[0]
    assert "2 cells" in str(problem.message)


def test_what_is_required_must_come_from_somewhere() -> None:
    columns = {"Inkomen": Column("income.gross_year")}
    assert [target.key for target in Mapping(columns).missing()] == ["lead.goal", "income.employment"]
    problem = plan_for(columns).read(["50000"]).problems[0]
    assert "missing" in str(problem.message)
    assert not plan_for(columns, income__employment="pension").read(["50000"]).problems


def test_words_of_a_column_can_be_explained() -> None:
    plan = plan_for({"Soort": Column("lead.urgency", words={"spoed": "within_1_month", "later": ""})})
    assert plan.read(["Spoed"]).household["lead"]["urgency"] == "within_1_month"
    assert "urgency" not in plan.read(["later"]).household["lead"]


def test_names_of_rows_are_looked_up() -> None:
    plan = plan_for({"Bron": Column("lead.source_id")}, {"source": {"website": 7}})
    assert plan.read([" WebSite "]).household["lead"]["source_id"] == 7
    assert "not known here" in str(plan.read(["elders"]).problems[0].message)


def test_one_cell_can_feed_several_fields() -> None:
    columns = {"Naam": Column("applicant.full_name"), "Adres": Column("applicant.full_street")}
    assert plan_for(columns).read(["Jan van der Berg", "Kerkstraat 12a"]).household["applicant"] == {
        "call_name": "Jan", "infix": "van der", "birth_name": "Berg", "street": "Kerkstraat", "house_number": 12,
        "house_suffix": "a",
    }  # fmt: skip
    assert plan_for({"Nr": Column("applicant.house_number")}).read(["12-bis"]).household["applicant"] == {
        "house_number": 12, "house_suffix": "bis"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "call_name", "initials", "infix", "birth_name"),
    [
        ("J.P. van der Berg", None, "J.P.", "van der", "Berg"),
        ("Jan Berg", "Jan", None, "", "Berg"),
        ("Berg, van der, Jan", "Jan", None, "van der", "Berg"),
        ("Berg, J.", None, "J.", "", "Berg"),
        ("van der Berg", "", None, "van der", "Berg"),
        ("Özdemir", "", None, "", "Özdemir"),
        ("Jan Willem van den Berg-de Wit", "Jan Willem", None, "van den", "Berg-de Wit"),
        ("", "", None, "", ""),
    ],
)
def test_names_are_taken_apart(text: str, call_name: str, initials: str, infix: str, birth_name: str) -> None:
    found = split_name(text)
    assert (found.get("call_name"), found.get("initials")) == (call_name, initials)
    assert (found["infix"], found["birth_name"]) == (infix, birth_name)


@given(st.text(max_size=40))
def test_taking_apart_never_fails(text: str) -> None:
    for split in (split_name, split_street, split_number):
        assert all(isinstance(value, str) for value in split(text).values())


def test_a_template_fits_the_next_file() -> None:
    kept = Mapping({"E-mail": Column("applicant.email"), "Kleur": Column()}, {"lead.goal": "other"}, ".")
    assert fits_template(kept, ["naam", "e_mail"])
    assert not fits_template(kept, ["naam", "kleur"])
    applied = apply_template(Mapping.from_json(kept.as_json()), ["naam", "e_mail"])
    assert applied.columns == {"naam": Column(), "e_mail": Column("applicant.email")}
    assert (applied.fixed, applied.decimal) == ({"lead.goal": "other"}, ".")
