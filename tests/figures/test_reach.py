"""How far a lead came: the trigger, the command that works it out anew, and plain Python, over made-up histories."""

from datetime import timedelta

import psycopg
from click.testing import CliRunner
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadcrm.core.db import now, session
from leadcrm.core.jobs import maintenance
from leadcrm.figures.commands import figures
from leadcrm.figures.services import reach
from leadcrm.figures.services.reach import Stay, furthest
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import CLOSED, Stage, rank_of
from leadcrm.leads.models.timeline import Entry, EntryKind
from leadcrm.leads.services.leads import create_lead, move
from tests.figures import histories
from tests.figures.histories import Past
from tests.leads.conftest import As
from tests.leads.factories import JAN
from tests.people import ANN, MEG

GAP = st.sampled_from([timedelta(seconds=1), timedelta(minutes=59, seconds=59), timedelta(hours=1), timedelta(days=2)])
MOVES = st.lists(st.tuples(GAP, st.sampled_from(list(Stage))), max_size=7)


def a_past(first: Stage, gaps: list[tuple[timedelta, Stage]]) -> Past:
    after, moves = timedelta(0), []
    for gap, stage in gaps:
        after += gap
        moves.append((after, stage))
    return Past(MEG.id, now() - timedelta(days=60), first, moves)


@given(st.sampled_from(list(Stage)), MOVES)
@settings(max_examples=100, deadline=None)
def test_the_rule_is_what_plain_python_says(first: Stage, gaps: list[tuple[timedelta, Stage]]) -> None:
    past = a_past(first, gaps)
    stays = [Stay(first, past.came), *(Stay(stage, past.came + after) for after, stage in past.moves)]
    assert furthest(stays)[0] == histories.reached(past)


@given(st.lists(st.tuples(st.sampled_from(list(Stage)), MOVES), min_size=20, max_size=40))
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_trigger_and_the_command_agree_with_the_rule(as_: As, worker_app: Flask, drawn: object) -> None:
    pasts = [a_past(*each) for each in drawn]  # type: ignore[attr-defined]  # a list
    with as_(MEG):
        histories.write(MEG.company_id, pasts)
        tell(pasts)
        rows = {lead.id: (lead.reached, lead.reached_before) for lead in fresh(pasts)}
    assert {past.ident: rows[past.ident][0] for past in pasts} == {
        past.ident: histories.reached(past) for past in pasts
    }
    with worker_app.app_context(), maintenance("a test"):
        assert reach.rebuild() == 0, "the trigger left nothing to correct"


def tell(pasts: list[Past]) -> None:
    """The timeline, as move() writes it."""
    for past in pasts:
        previous = past.first
        for after, stage in past.moves:
            session.add(Entry(company_id=MEG.company_id, lead_id=past.ident, kind=EntryKind.STAGE, subject=stage,
                              previous=previous, at=past.came + after))  # fmt: skip
            previous = stage
    session.flush()


def fresh(pasts: list[Past]) -> list[Lead]:
    session.expire_all()
    return session.query(Lead).filter(Lead.id.in_([past.ident for past in pasts])).all()


def test_the_command_mends_what_was_written_without_the_trigger(as_: As, worker_app: Flask, admin_url: str) -> None:
    past = a_past(Stage.NEW, [(timedelta(days=1), Stage.ENGAGED), (timedelta(days=1), Stage.ENDED)])
    with as_(MEG):
        histories.write(MEG.company_id, [past])
        tell([past])
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE leads_lead SET reached = 0, reached_before = 0")
    with worker_app.app_context():
        result = CliRunner().invoke(figures, ["rebuild"], catch_exceptions=False)
    assert result.output == "1 leads corrected.\n"
    with as_(MEG):
        assert [lead.reached for lead in fresh([past])] == [rank_of(Stage.ENGAGED)]


def test_every_way_in_counts_from_where_it_stands(as_: As) -> None:
    """A form, and a bulk writer as imports and demo data use it (histories.write)."""
    with as_(ANN):
        made = create_lead({"stage": Stage.ADVICE}, [JAN])
        session.flush()
        past = Past(ANN.id, now(), Stage.SUBMITTED)
        histories.write(ANN.company_id, [past])
        session.refresh(made)
        assert made.reached == rank_of(Stage.ADVICE)
        assert [lead.reached for lead in fresh([past])] == [rank_of(Stage.SUBMITTED)]


def test_a_move_that_is_undone_was_never_made(as_: As) -> None:
    with as_(ANN) as viewer:
        lead = create_lead({"stage": Stage.ASSIGNED}, [JAN])
        session.flush()
        for stage, furthest_yet in (
            (Stage.ENGAGED, Stage.ENGAGED),
            (Stage.ASSIGNED, Stage.ASSIGNED),
            (Stage.CONTACT_SOUGHT, Stage.CONTACT_SOUGHT),
            (Stage.UNREACHABLE, Stage.CONTACT_SOUGHT),
        ):
            move(lead, stage, viewer)
            session.flush()
            session.refresh(lead)
            assert lead.reached == rank_of(furthest_yet), stage


def test_the_database_ranks_stages_as_we_do(admin_url: str, app: Flask) -> None:
    with psycopg.connect(admin_url) as admin:
        found = {stage: admin.execute("SELECT leads_rank(%s)", [str(stage)]).fetchone() for stage in Stage}
    assert found == {stage: (rank_of(stage),) for stage in Stage}
    assert all(rank_of(stage) == 0 for stage in CLOSED)
