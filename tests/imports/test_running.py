"""From file to leads and back: scope, duplicates, errors, two workers, being killed, and undo."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from leadcrm.core.db import session
from leadcrm.core.jobs import checkpoint
from leadcrm.core.reveal import peek
from leadcrm.core.scope import viewing_as
from leadcrm.imports.models import Chunk, Finding, FindingKind, Import, OnDuplicate, OnProblem, State
from leadcrm.imports.services import running, steering, undoing
from leadcrm.imports.services.judging import judge
from leadcrm.imports.services.mapping import Column, Mapping
from leadcrm.imports.services.receiving import receive
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from tests.imports.files import DUTCH, HMDA, LOANS
from tests.people import ANN, BOB, EVE, MEG
from tests.people import Person as Somebody
from tests.world import viewer_of


@pytest.fixture
def as_(worker_app: Flask) -> Iterator[Callable[[Somebody], Any]]:
    with worker_app.app_context():
        yield lambda who: viewing_as(viewer_of(who))


def received(who: Somebody, text: str) -> UUID:
    ident = receive(viewer_of(who), "leads.csv", text.encode()).id
    checkpoint()
    return ident


def checked(who: Somebody, text: str) -> UUID:
    ident = received(who, text)
    steering.begin_check(the(ident))
    checkpoint()
    running.check(ident)
    return ident


def imported(who: Somebody, text: str, on_problem: OnProblem = OnProblem.LEAVE_OUT,
             on_duplicate: OnDuplicate = OnDuplicate.SKIP) -> UUID:
    ident = checked(who, text)
    steering.begin(the(ident), on_problem, on_duplicate)
    checkpoint()
    running.run_slice(ident)
    return ident


def the(ident: UUID) -> Import:
    taken = session.get(Import, ident)
    assert isinstance(taken, Import)
    return taken


def leads() -> list[Lead]:
    return list(session.scalars(select(Lead).order_by(Lead.reference)))


def test_a_file_becomes_leads_of_whoever_imports(as_: Any) -> None:
    with as_(ANN):
        ident = imported(ANN, DUTCH)
        assert the(ident).state == State.DONE
        found = leads()
        assert [lead.household_name for lead in found] == ["J.P. van der Berg", "M. Özdemir", "K. de Wit"]
        assert {lead.owner_id for lead in found} == {ANN.id}
        assert [lead.mortgage_amount for lead in found] == [30_000_050, 39_000_000, 25_000_000]
        assert found[0].property_value == 32_500_000
        assert {lead.import_id for lead in found} == {ident}
        incomes = session.scalars(select(Income).order_by(Income.lead_id)).all()
        assert sorted(peek(income, "gross_year") for income in incomes) == [4_850_000, 5_200_000, 6_125_075]
        person = session.scalars(select(Person).where(Person.email == "jan@example.nl")).one()
        assert (person.phone, person.phone_raw, person.postcode) == ("+31612345678", "06-12345678", "1234 AB")
    for other, seen in ((BOB, 0), (MEG, 3), (EVE, 0)):
        with as_(other):
            checkpoint()
            assert len(leads()) == seen
            assert len(session.scalars(select(Import)).all()) == (1 if seen else 0)
            assert len(session.scalars(select(Chunk)).all()) == (1 if seen else 0)


def test_a_managers_file_waits_to_be_assigned(as_: Any) -> None:
    with as_(MEG):
        imported(MEG, LOANS)
        assert {(lead.owner_id, lead.stage) for lead in leads()} == {(None, "new")}


def test_a_file_can_name_the_adviser(as_: Any) -> None:
    text = f"naam;adviseur\nJan Berg;{BOB.email}\nPiet Wit;{ANN.name}\nEls;niemand\n"
    with as_(MEG):
        ident = imported(MEG, text)
        assert [lead.owner_id for lead in leads()] == [BOB.id, ANN.id, None]
        found = session.scalars(select(Finding).where(Finding.import_id == ident)).one()
        assert (found.line, found.title, found.kind) == (4, "adviseur", FindingKind.ERROR)
    with as_(ANN):
        checkpoint()
        imported(ANN, text.replace("naam", "Achternaam"))
        assert {lead.owner_id for lead in leads()} == {ANN.id}


@pytest.mark.parametrize("text", [HMDA, LOANS])
def test_public_sets_go_in_whole(as_: Any, text: str) -> None:
    with as_(ANN):
        ident = imported(ANN, text)
        assert len(leads()) == 4
        assert session.scalar(select(func.sum(Chunk.imported)).where(Chunk.import_id == ident)) == 4


BAD_LINES = "Jan;jan@example.nl;1234AB;1\n" * 60 + "Piet;geen;9999;2\nEls;els@example.nl;1234 AB;3;x\n"
BAD = "naam;e-mail;postcode;bedrag\n" + BAD_LINES


@pytest.mark.parametrize(("on_problem", "names"), [(OnProblem.LEAVE_OUT, ["Jan", "Piet"]), (OnProblem.SKIP, ["Jan"])])
def test_lines_with_bad_cells(as_: Any, on_problem: OnProblem, names: list[str]) -> None:
    with as_(ANN):
        ident = imported(ANN, BAD, on_problem)
        assert [lead.household_name for lead in leads()] == names
        chunk = session.scalars(select(Chunk).where(Chunk.import_id == ident)).one()
        assert (chunk.clean, chunk.flawed, chunk.fatal, chunk.duplicate) == (1, 1, 1, 59)
        errors = select(Finding).where(Finding.import_id == ident, Finding.kind == FindingKind.ERROR)
        found = [(each.line, each.title) for each in session.scalars(errors.order_by(Finding.line, Finding.title))]
        assert found == [(62, "e-mail"), (62, "postcode"), (63, "")]


def test_checking_imports_nothing(as_: Any) -> None:
    with as_(ANN):
        ident = checked(ANN, DUTCH)
        assert the(ident).state == State.CHECKED
        assert leads() == []


def test_the_same_file_again_is_all_duplicates(as_: Any) -> None:
    with as_(ANN):
        imported(ANN, DUTCH)
        again = imported(ANN, DUTCH)
        assert len(leads()) == 3
        findings = session.scalars(
            select(Finding).where(Finding.import_id == again).order_by(Finding.line)
        ).all()
        assert [each.kind for each in findings] == [FindingKind.DUPLICATE] * 3
        assert {each.lead_id for each in findings} == {lead.id for lead in leads()}
        assert leads()[0].reference in findings[0].message
        imported(ANN, DUTCH, on_duplicate=OnDuplicate.IMPORT)
        assert len(leads()) == 6


def test_duplicates_of_what_one_may_not_see_are_not_told(as_: Any) -> None:
    with as_(BOB):
        imported(BOB, DUTCH)
    for who in (ANN, EVE):
        with as_(who):
            checkpoint()
            imported(who, DUTCH)
            assert len(leads()) == 3


KEYS = [
    "e-mail\njan@example.nl\nJAN@example.nl\n",
    "telefoon;naam\n0612345678;a\n+31 6 12345678;b\n",
    "achternaam;geboortedatum\nÖzdemir;21-11-1980\nOzdemir;1980-11-21\n",
    "achternaam;postcode;huisnummer\nBerg;1234ab;12\nberg;1234 AB;12\n",
    "kenmerk;naam\nA-1;x\nA-1;y\n",
    "e-mail;e-mail partner\njan@example.nl;els@example.nl\nels@example.nl;\n",
]


@pytest.mark.parametrize("text", KEYS)
def test_every_strong_key_finds_doubles_within_a_file(as_: Any, text: str) -> None:
    with as_(ANN):
        ident = imported(ANN, text)
        assert len(leads()) == 1
        found = session.scalars(select(Finding).where(Finding.import_id == ident)).one()
        assert (found.line, found.lead_id) == (3, None)


@pytest.mark.parametrize("text", KEYS)
def test_every_strong_key_finds_doubles_of_leads(as_: Any, text: str) -> None:
    title, first, second = text.splitlines()
    with as_(ANN):
        imported(ANN, f"{title}\n{first}\n")
        ident = imported(ANN, f"{title}\n{second}\n")
        assert len(leads()) == 1
        found = session.scalars(select(Finding).where(Finding.import_id == ident)).one()
        assert found.lead_id == leads()[0].id


def many(count: int) -> str:
    lines = [f"Naam{number};naam{number}@example.nl;{number}.000" for number in range(100, 100 + count)]
    return "achternaam;e-mail;hypotheekbedrag\n" + "\n".join(lines) + "\n"


class Killed(BaseException):
    """As kill -9: nothing gets to clean up."""


def test_a_killed_worker_loses_nothing_and_repeats_nothing(as_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with as_(ANN):
        ident = checked(ANN, many(450))
        steering.begin(the(ident), OnProblem.SKIP, OnDuplicate.SKIP)
        checkpoint()
        with monkeypatch.context() as patch:
            patch.setattr(running, "checkpoint", killed_after(3))
            with pytest.raises(Killed):
                running.run_slice(ident)
        session.rollback()
        assert len(leads()) == 200
        assert the(ident).state == State.IMPORTING
        checkpoint()
        running.run_slice(ident)
        assert len(leads()) == 450
        assert len({lead.household_name for lead in leads()}) == 450
        assert the(ident).state == State.DONE


def killed_after(times: int) -> Callable[[], None]:
    calls = iter(range(times))

    def dying() -> None:
        if next(calls) == times - 1:
            raise Killed
        checkpoint()

    return dying


def test_a_check_that_was_killed_begins_anew(as_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with as_(ANN):
        ident = received(ANN, BAD + "Jan;jan@example.nl;1234AB;1\n" * 300)
        steering.begin_check(the(ident))
        checkpoint()
        with monkeypatch.context() as patch:
            patch.setattr(running, "checkpoint", killed_after(3))
            with pytest.raises(Killed):
                running.check(ident)
        session.rollback()
        running.check(ident)
        total = select(func.sum(Chunk.clean), func.sum(Chunk.duplicate)).where(Chunk.import_id == ident)
        assert session.execute(total).one() == (1, 359)


def test_a_check_of_other_columns_is_given_up(as_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with as_(ANN):
        ident = received(ANN, many(450))
        steering.begin_check(the(ident))
        checkpoint()
        judged = []

        def begin_anew(*arguments: Any) -> Any:
            judged.append(judge(*arguments))
            taken = the(ident)
            steering.map_columns(taken, Mapping({"e-mail": Column("applicant.email")}, {"lead.goal": "other"}))
            steering.begin_check(taken)
            session.flush()
            return judged[-1]

        with monkeypatch.context() as patch:
            patch.setattr(running, "judge", begin_anew)
            running.check(ident)
        assert len(judged) == 1
        assert the(ident).state == State.CHECKING
        running.check(ident)
        assert the(ident).state == State.CHECKED


def test_stopping_keeps_what_is_in(as_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with as_(ANN):
        ident = checked(ANN, many(450))
        steering.begin(the(ident), OnProblem.SKIP, OnDuplicate.SKIP)
        checkpoint()

        def stop() -> None:
            if leads():
                steering.stop(the(ident))
            checkpoint()

        monkeypatch.setattr(running, "checkpoint", stop)
        running.run_slice(ident)
        assert the(ident).state == State.CANCELLED
        assert len(leads()) == 200
        steering.begin_undo(the(ident))
        checkpoint()
        undoing.undo(ident)
        assert leads() == []


def test_undo_keeps_what_was_worked_on(as_: Any) -> None:
    with as_(ANN):
        ident = imported(ANN, DUTCH)
        changed, other, _third = leads()
        changed.next_action = "Terugbellen"
        session.scalars(select(Person).where(Person.lead_id == other.id)).one().city = "Ede"
        checkpoint()
        steering.begin_undo(the(ident))
        checkpoint()
        undoing.undo(ident)
        checkpoint()
        assert [lead.household_name for lead in leads()] == ["J.P. van der Berg", "M. Özdemir"]
        assert (the(ident).state, the(ident).kept) == (State.UNDONE, 2)


def test_lines_that_were_imported_are_not_kept(as_: Any) -> None:
    with as_(ANN):
        ident = imported(ANN, BAD, OnProblem.SKIP)
        chunk = session.scalars(select(Chunk).where(Chunk.import_id == ident)).one()
        kept = running.chunks.open_rows(chunk)
        assert [line for line, _cells in kept] == [*range(3, 64)]
        assert the(imported(ANN, "naam\nx\n")).state == State.DONE


def test_a_citizen_service_number_is_stored_nowhere(as_: Any) -> None:
    with as_(ANN):
        ident = checked(ANN, "naam;bsn;opmerking\nJan;111222333;x\n")
        assert the(ident).masked == 1
        chunk = session.scalars(select(Chunk).where(Chunk.import_id == ident)).one()
        assert "111222333" not in str(running.chunks.open_rows(chunk))
