"""`leadcrm import`, as it is typed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.scope import viewing_as
from leadcrm.imports.commands import import_
from leadcrm.imports.services import steering
from leadcrm.imports.services.mapping import Column, Mapping
from leadcrm.leads.models.lead import Lead
from tests.imports.files import DUTCH, LOANS
from tests.people import ADA, ANN, MEG
from tests.world import viewer_of


@pytest.fixture
def typed(worker_app: Flask, tmp_path: Path) -> Iterator[Any]:
    def run(text: str, *words: str) -> Result:
        file = tmp_path / "leads.csv"
        file.write_text(text)
        return CliRunner().invoke(import_, [str(file), *words])

    with worker_app.app_context():
        yield run


def leads() -> list[Lead]:
    with viewing_as(viewer_of(MEG)):
        session.rollback()
        return list(session.scalars(select(Lead).order_by(Lead.reference)))


def test_it_says_what_it_does_and_how_fast(typed: Any) -> None:
    answer = typed(LOANS, "--as", ANN.email)
    assert answer.exit_code == 0, answer.output
    assert "ApplicantIncome = income.gross_year*12" in answer.output
    assert "4 good" in answer.output
    assert "rows per second with 2 processes" in answer.output
    assert {lead.owner_id for lead in leads()} == {ANN.id}
    assert len(leads()) == 4


def test_without_a_name_it_is_the_managers(typed: Any) -> None:
    answer = typed(DUTCH, "--slices", "1")
    assert f"Importing as {MEG.name}" in answer.output
    assert [lead.owner_id for lead in leads()] == [None] * 3


def test_columns_can_be_mapped(typed: Any) -> None:
    words = ("--map", "Hypotheekbedrag=wish.own_funds*12", "--map", "Koopsom=", "--set", "lead.goal=other")
    answer = typed(DUTCH, *words)
    assert "Hypotheekbedrag = wish.own_funds*12" in answer.output
    assert "Koopsom (left out)" in answer.output
    assert {(lead.goal, lead.mortgage_amount, lead.property_value) for lead in leads()} == {("other", None, None)}


def test_a_template_can_be_named(typed: Any) -> None:
    with viewing_as(viewer_of(MEG)):
        kept = Mapping({"E-mail": Column("applicant.email")}, {"lead.goal": "other"})
        steering.keep_template(viewer_of(MEG), "Kaal", kept)
        session.commit()
    answer = typed(DUTCH, "--template", "Kaal")
    assert "E-mail = applicant.email" in answer.output
    names = [lead.household_name for lead in leads()]
    assert names == ["jan@example.nl", "m.ozdemir@example.nl", "k.de.wit@example.nl"]


def test_checking_imports_nothing(typed: Any) -> None:
    assert "3 good" in typed(DUTCH, "--check").output
    assert leads() == []


def test_duplicates_are_told_and_can_be_imported(typed: Any) -> None:
    typed(DUTCH)
    assert "3 duplicates" in typed(DUTCH).output
    assert len(leads()) == 3
    typed(DUTCH, "--duplicates")
    assert len(leads()) == 6


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        ("a,b\n", (), "no rows"),
        (DUTCH, ("--as", "niemand@example.org"), "niemand@example.org was not found"),
        (DUTCH, ("--as", ADA.email), "was not found, or may not import"),
        (DUTCH, ("--template", "X"), "no template named X"),
        (DUTCH, ("--map", "Kleur=applicant.email"), "no column 'Kleur'"),
        (DUTCH, ("--map", "E-mail=kleur"), "no field 'kleur'"),
        (DUTCH, ("--set", "lead.goal="), "Needed but not in the file: lead.goal"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(typed: Any, text: str, words: tuple[str], message: str) -> None:
    answer = typed(text, *words)
    assert answer.exit_code == 1
    assert message in answer.output
    assert leads() == []
