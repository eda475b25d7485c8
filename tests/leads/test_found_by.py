"""Finding what stands not in the words themselves: notes, secrets, names that were mistyped; and who finds it."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import Entry, EntryKind
from leadcrm.leads.queries.finding import found
from leadcrm.leads.services import indexing, sections, timeline
from leadcrm.leads.services.finding import found_by, understood
from leadcrm.leads.services.sounding import sounds_like
from tests.auth.conftest import query
from tests.leads.conftest import As
from tests.leads.factories import a_lead, persons_of
from tests.people import ADA, ANN, BOB, EVE, IVO, MEG, Person

__all__ = ["query"]

IBAN = "NL91ABNA0417164300"
JANSSEN: dict[str, Any] = {
    "call_name": "Marijke", "infix": "van der", "birth_name": "Meijerink", "iban": IBAN, "phone": "+31612345678",
}  # fmt: skip


def ways(typed: str, who: Person = ANN, most: int = 20) -> list[str]:
    asked = found_by(who.company_id, typed, ranked=True)
    return [row.how for row in session.execute(found(asked, most))] if asked else []


@pytest.fixture
def marijke(as_: As) -> UUID:
    with as_(ANN):
        lead = a_lead(JANSSEN | {"birth_date": date(1980, 3, 12)})
        timeline.write_note(lead, "Belt terug over de verbouwing in Castricum, café De Zwaan")
        return lead.id


def names_are_read(worker_app: Flask, anew: bool = False) -> None:
    with worker_app.app_context(), viewing_as(Everything("test")):
        indexing.read_names(anew=anew)
        session.commit()


SECRETS = [
    "12-03-1980", "12-3-1980", "12/03/1980", "12.03.1980", "1980-03-12", "12 maart 1980", "12 mrt 1980",
    "Meijerink 12-03-1980", IBAN, "NL91 ABNA 0417 1643 00", "nl91abna0417164300", "NL91.ABNA.0417.1643.00 marijke",
]  # fmt: skip
NO_SECRETS = ["13-03-1980", "1980", "12-03", "NL91 ABNA 0417", "ABNA0417164300", "NL02ABNA0123456789", "0417164300"]


def test_a_birth_date_and_an_account_are_found_whole_and_only_whole(as_: As, marijke: UUID) -> None:
    with as_(ANN):
        assert {typed: len(ways(typed)) for typed in SECRETS} == dict.fromkeys(SECRETS, 1)
        assert {typed: len(ways(typed)) for typed in NO_SECRETS} == dict.fromkeys(NO_SECRETS, 0)


def test_what_is_kept_of_a_secret_opens_to_nobody_and_cannot_be_typed(as_: As, marijke: UUID) -> None:
    with as_(ANN):
        kept = str(session.scalar(select(Lead.search)))
        secrets = [word.strip("'") for word in kept.split() if "#" in word]
        assert len(secrets) == 2 and "1980" not in kept and "0417" not in kept
        assert all(ways(word[6:]) == [] == ways(word[7:]) for word in secrets)
        assert understood(ANN.company_id, IBAN).secret != understood(EVE.company_id, IBAN).secret


def test_a_changed_account_is_no_longer_found_by_the_old_one(as_: As, marijke: UUID) -> None:
    with as_(ANN):
        lead = session.get(Lead, marijke)
        sections.change(lead, persons_of(lead)[0], "person", {"iban": "NL02ABNA0123456789"})
    with as_(ANN):
        assert (len(ways(IBAN)), len(ways("NL02ABNA0123456789"))) == (0, 1)


NOTED = ["verbouwing", "castricum verbouwing", "cafe zwaan", "CAFÉ", "verbouw", "belt terug"]
NOT_NOTED = ["zwaan meijerink", "bouwing", "castricum utrecht"]


def test_notes_are_found_by_their_words(as_: As, marijke: UUID) -> None:
    with as_(ANN):
        assert {typed: ways(typed) for typed in NOTED} == dict.fromkeys(NOTED, ["noted"])
        assert {typed: ways(typed) for typed in NOT_NOTED} == dict.fromkeys(NOT_NOTED, [])


def test_a_mended_note_is_found_by_what_it_says_now(as_: As, marijke: UUID, query: Any) -> None:
    with as_(ANN):
        note = session.scalars(select(Entry).where(Entry.kind == EntryKind.NOTE)).one()
        timeline.mend(session.get(Lead, marijke), note, "Toch geen aanbouw")
    with as_(ANN):
        assert (ways("verbouwing"), ways("aanbouw")) == ([], ["noted"])
        note = session.scalars(select(Entry).where(Entry.amends_id.is_(None), Entry.kind == EntryKind.NOTE)).one()
        timeline.mend(session.get(Lead, marijke), note, None)
    with as_(ANN):
        assert ways("aanbouw") == []
    assert query("SELECT count(*) FROM leads_note_words") == [(0,)]


def test_the_words_of_an_erased_note_go_with_it(as_: As, marijke: UUID, query: Any) -> None:
    query("UPDATE leads_entry SET text = NULL WHERE kind = 'note'")
    with as_(ANN):
        assert ways("verbouwing") == []
    assert query("SELECT count(*) FROM leads_note_words") == [(0,)]


MISTYPED = ["meierink", "meyerink", "meijerik", "meijerrink", "mejierink", "meijeronk", "marijka meyerink", "marike"]
NOT_MISTYPED = ["meijer", "meijeraak", "jansen", "xmeijerinkx"]


def test_names_are_found_mistyped(as_: As, worker_app: Flask, marijke: UUID) -> None:
    with as_(ANN):
        assert ways("meierink") == []
    names_are_read(worker_app)
    with as_(ANN):
        assert {typed: ways(typed) for typed in MISTYPED} == dict.fromkeys(MISTYPED, ["like"])
        assert {typed: ways(typed)[:1] for typed in NOT_MISTYPED} == {
            "meijer": ["begins"], "meijeraak": [], "jansen": [], "xmeijerinkx": [],
        }  # fmt: skip


def test_names_that_are_gone_are_forgotten(as_: As, worker_app: Flask, marijke: UUID, query: Any) -> None:
    names_are_read(worker_app)
    query("UPDATE leads_person SET birth_name = 'Dijk'")
    names_are_read(worker_app, anew=True)
    assert sorted(word for (word,) in query("SELECT word FROM leads_name_word")) == ["dijk", "marijke"]


@pytest.mark.parametrize(("one", "other", "alike"), [
    ("smit", "smidt", True), ("dewit", "dewitt", True), ("kuiper", "kuyper", True), ("kuijpers", "kuipers", True),
    ("schouten", "schauten", True), ("philips", "filips", True), ("bos", "bas", False), ("jan", "ian", False),
    ("bakker", "baker", True), ("vries", "vreis", True), ("visser", "fisser", True), ("bakker", "smit", False),
])  # fmt: skip
def test_what_sounds_alike(one: str, other: str, alike: bool) -> None:
    assert sounds_like(one, other) is alike


def test_every_way_of_finding_repeats_the_scope(as_: As, worker_app: Flask, marijke: UUID) -> None:
    """The functions look behind the policies, so each must say whose leads it finds by itself."""
    names_are_read(worker_app)
    for typed in ("Meijerink", "meije", IBAN, "12-03-1980", "verbouwing", "meierink"):
        seen = {who.name: bool(ways_of(as_, typed, who)) for who in (ANN, BOB, MEG, EVE, ADA, IVO)}
        assert [name for name, found_it in seen.items() if found_it] == [ANN.name, MEG.name], typed


def ways_of(as_: As, typed: str, who: Person) -> list[str]:
    """As who asks with the company's own words, whoever they are: the function must refuse by itself."""
    with as_(who):
        asked = found_by(ANN.company_id, typed, ranked=True)
        return [row.how for row in session.execute(found(asked or "", 20))]


def test_words_of_before_are_brought_up_to_date(as_: As, worker_app: Flask, marijke: UUID, query: Any) -> None:
    (changed,) = query("SELECT updated_at FROM leads_lead")
    query("UPDATE leads_lead SET search = NULL")
    with worker_app.app_context(), viewing_as(Everything("test")):
        while indexing.index_some():
            session.commit()
    with as_(ANN):
        assert ways("meijerink") and ways(IBAN)
    assert query("SELECT updated_at FROM leads_lead") == [changed]


NUMBERS = ["tel. 06-12345678", "+31 (0)6 12 34 56 78", "meijerink 0612345678", "06 1234 5678 meijerink"]


def test_a_number_among_words(as_: As, marijke: UUID) -> None:
    with as_(ANN):
        assert {typed: len(ways(typed)) for typed in NUMBERS} == dict.fromkeys(NUMBERS, 1)


def test_a_reference_however_it_is_typed(as_: As, marijke: UUID) -> None:
    with as_(ANN):
        year, number = session.scalars(select(Lead.reference)).one().split("-")[1:]
        short = number.lstrip("0")
        for typed in (f"L-{year}-{number}", f"l{year}{number}", f"{year}-{short}", f"L {year} {short}"):
            assert ways(typed) == ["begins"], typed


def test_whole_words_come_before_such_as_have_only_begun(as_: As) -> None:
    with as_(ANN):
        a_lead({"birth_name": "Bos"})
        a_lead({"birth_name": "Bosman"})
    with as_(ANN):
        assert ways("bos") == ["begins", "begins"] and ways("bos", most=2) == ["exact", "begins"]
        assert ways("bos", most=1) == ["exact"]
