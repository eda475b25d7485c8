"""Where leads stand, how they move, the rules that hold for every way of moving, and taking a move back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from leadcrm.auth.models.people import User
from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import OutOfScope, signed_in_viewer
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import ReturnReason, Stage
from leadcrm.leads.services import leads
from leadcrm.pipelines.jobs import empty_step
from leadcrm.pipelines.models.move import Move
from leadcrm.pipelines.models.pipeline import Pipeline, Step
from leadcrm.pipelines.services import setup, steps
from leadcrm.pipelines.services.layout import STAGES, layout_of
from leadcrm.pipelines.services.rules import Refused
from tests.leads.factories import JAN, a_lead
from tests.people import ANN, BOB, EVE, HOME, MEG
from tests.pipelines.conftest import As
from tests.pipelines.factories import a_pipeline, a_reason, a_step, ids_of, stop_named, stop_of, with_rules


def lead_of(ident: UUID) -> Lead:
    return session.get(Lead, ident)  # type: ignore[no-any-return]


@pytest.fixture
def lead_id(as_: As) -> UUID:
    with as_(ANN):
        return a_lead(JAN).id


def by() -> Any:
    return signed_in_viewer()


def test_a_company_that_set_up_nothing_has_a_step_for_every_stage(as_: As, lead_id: UUID) -> None:
    with as_(ANN):
        layout = layout_of(HOME)
        assert [stop.stage for stop in layout] == list(STAGES) and not layout.is_own
        lead = lead_of(lead_id)
        assert steps.of(lead) == stop_of(HOME, Stage.ASSIGNED)
        steps.move(lead, stop_of(HOME, Stage.ADVICE), by())
        assert (lead.stage, lead.step_id, lead.pipeline_id) == (Stage.ADVICE, None, None)
        assert ids_of(stop_of(HOME, Stage.ADVICE)) == {lead_id}
        assert session.scalars(select(Pipeline)).all() == []


def test_setting_up_keeps_every_lead_where_it_is(as_: As, lead_id: UUID) -> None:
    with as_(MEG):
        before = {stop.id: ids_of(stop) for stop in setup.mine()}
        first = a_step("Eerste keer gebeld", Stage.CONTACT_SOUGHT)
        assert {stop.id: ids_of(stop) for stop in setup.mine() if stop.id in before} == before
        assert setup.mine().is_own and not first.takes_in
    with as_(ANN):
        lead = lead_of(lead_id)
        steps.move(lead, first, by())
        assert (lead.stage, lead.step_id) == (Stage.CONTACT_SOUGHT, first.id)
        assert ids_of(first) == {lead_id} and steps.of(lead) == first
        leads.move(lead, Stage.ADVICE, by())
        assert (lead.stage, lead.step_id) == (Stage.ADVICE, None)


def test_another_pipeline_keeps_its_leads_to_itself(as_: As, lead_id: UUID) -> None:
    with as_(MEG):
        line = a_pipeline()
    with as_(ANN):
        lead, wanted = lead_of(lead_id), line.by_stage[Stage.ADVICE]
        steps.move(lead, wanted, by())
        assert (lead.pipeline_id, lead.step_id, lead.stage) == (line.id, wanted.id, Stage.ADVICE)
        leads.move(lead, Stage.SUBMITTED, by())
        assert steps.of(lead) == line.by_stage[Stage.SUBMITTED]
        leads.move(lead, Stage.RATE_OFFER, by())  # has no step there: the nearest before it
        assert (steps.of(lead), lead.stage) == (line.by_stage[Stage.SUBMITTED], Stage.RATE_OFFER)
        assert ids_of(line.by_stage[Stage.SUBMITTED]) == {lead_id}
        assert ids_of(stop_of(HOME, Stage.RATE_OFFER)) == set()


def board(lead: Lead, stage: Stage) -> None:
    steps.move(lead, stop_of(HOME, stage), by())


def form_or_mass_change(lead: Lead, stage: Stage) -> None:
    leads.move(lead, stage, by())


WAYS = pytest.mark.parametrize("way", [board, form_or_mass_change])
Way = Callable[[Lead, Stage], None]


@WAYS
def test_required_fields_come_first(as_: As, lead_id: UUID, way: Way) -> None:
    with as_(MEG):
        with_rules("Advies", required=["phone", "income", "mortgage_amount", "urgency"])
    with as_(ANN):
        with pytest.raises(Invalid) as refused:
            way(lead_of(lead_id), Stage.ADVICE)
        assert str(refused.value.message) == (
            "Vul vóór “Advies” eerst in: Inkomen, Termijn, Hypotheekbedrag."
        ) or all(word in str(refused.value.message) for word in ("Termijn", "Hypotheekbedrag"))
        assert "Telefoon" not in str(refused.value.message)
        assert lead_of(lead_id).stage == Stage.ASSIGNED
        assert session.scalars(select(Move)).all() == []
        way(lead_of(lead_id), Stage.INVENTORY)


@WAYS
def test_somebody_must_have_tried_to_make_contact(as_: As, lead_id: UUID, way: Way) -> None:
    with as_(MEG):
        with_rules("Niet bereikbaar", min_attempts=2)
    with as_(ANN):
        lead = lead_of(lead_id)
        for _turn in range(2):
            with pytest.raises(Refused, match="2"):
                way(lead, Stage.UNREACHABLE)
            leads.move(lead, Stage.CONTACT_SOUGHT, by())
        way(lead, Stage.UNREACHABLE)
        assert lead.stage == Stage.UNREACHABLE


def test_closing_asks_for_a_reason_of_the_company(as_: As, lead_id: UUID) -> None:
    with as_(MEG):
        bank = a_reason(HOME, "Eigen bank")
        bank_id, stale = bank.id, a_reason(HOME, "Verhuisd")
        stale.active = False
    with as_(ANN):
        lead = lead_of(lead_id)
        for reason, ident in ((None, None), ("zomaar", None), (None, lead_id), ("Verhuisd", None)):
            with pytest.raises(Refused, match="Eigen bank"):
                leads.move(lead, Stage.ENDED, by(), reason, lost_reason_id=ident)
        leads.move(lead, Stage.ENDED, by(), "eigen BANK ")  # a connection knows the name only
        assert (lead.lost_reason_id, lead.stage) == (bank_id, Stage.ENDED)
        steps.move(lead, stop_of(HOME, Stage.ADVICE), by())
        assert lead.lost_reason_id is None
        steps.move(lead, stop_of(HOME, Stage.NOT_INTERESTED), by(), lost_reason_id=bank_id)
        assert (lead.lost_reason_id or "", lead.stage_reason) == (bank_id, "Eigen bank")
        leads.move(lead, Stage.DUPLICATE, by())  # says why by itself
        with pytest.raises(Invalid):
            leads.move(lead, Stage.RETURNED, by())
        leads.move(lead, Stage.RETURNED, by(), return_reason=ReturnReason.DUPLICATE)


def test_without_reasons_of_its_own_closing_asks_for_words(as_: As, lead_id: UUID) -> None:
    with as_(ANN):
        with pytest.raises(Invalid):
            steps.move(lead_of(lead_id), stop_of(HOME, Stage.ENDED), by())
        steps.move(lead_of(lead_id), stop_of(HOME, Stage.ENDED), by(), "Gestopt")
        assert lead_of(lead_id).stage_reason == "Gestopt"


def test_who_works_on_it_changes_whatever_the_rules_say(as_: As) -> None:
    with as_(MEG):
        with_rules("Toegewezen", required=["urgency"])
        lead = a_lead(JAN, owner_id=None)
        leads.assign([lead], session.get(User, BOB.id), by())
        assert (lead.owner_id, lead.stage) == (BOB.id, Stage.NEW)


def test_a_move_is_taken_back_whole(as_: As, lead_id: UUID) -> None:
    with as_(ANN):
        lead = lead_of(lead_id)
        since = lead.stage_since
        steps.move(lead, stop_of(HOME, Stage.CONTACT_SOUGHT), by())
        session.flush()
        done = steps.last_move(lead)
        assert done is not None and lead.contact_attempts == 1
        steps.undo(lead, done, by())
        assert (lead.stage, lead.stage_since, lead.contact_attempts) == (Stage.ASSIGNED, since, 0)
        with pytest.raises(Refused):
            steps.undo(lead, done, by())


def take_back(lead_id: UUID, move_id: UUID) -> None:
    done = steps.move_of(lead_of(lead_id), move_id)
    assert done is not None
    steps.undo(lead_of(lead_id), done, by())


def test_a_move_is_taken_back_by_who_made_it_and_only_when_it_was_the_last(as_: As, lead_id: UUID) -> None:
    with as_(ANN):
        steps.move(lead_of(lead_id), stop_of(HOME, Stage.ADVICE), by())
        session.flush()
        done = steps.last_move(lead_of(lead_id))
        assert done is not None
        ident = done.id
    with as_(MEG), pytest.raises(Refused):
        take_back(lead_id, ident)
    with as_(ANN):
        leads.move(lead_of(lead_id), Stage.SUBMITTED, by())
        with pytest.raises(Refused):
            take_back(lead_id, ident)


def test_taking_back_is_not_held_up_by_rules(as_: As, lead_id: UUID) -> None:
    with as_(MEG):
        with_rules("Toegewezen", required=["urgency"])
    with as_(ANN):
        steps.move(lead_of(lead_id), stop_of(HOME, Stage.ADVICE), by())
        session.flush()
        done = steps.last_move(lead_of(lead_id))
        assert done is not None
        steps.undo(lead_of(lead_id), done, by())
        assert lead_of(lead_id).stage == Stage.ASSIGNED


def test_leads_of_a_removed_step_go_where_the_manager_said(as_: As, lead_id: UUID) -> None:
    with as_(MEG):
        called = a_step("Gebeld", Stage.CONTACT_SOUGHT)
        other = a_lead(JAN).id
        steps.move(lead_of(lead_id), called, by())
        steps.move(lead_of(other), stop_named("Toegewezen"), by())
        with_rules("Advies", required=["urgency"])
    with as_(MEG):
        removed = [setup.remove_step(stop_named(name), stop_named("Advies")).id for name in ("Gebeld", "Toegewezen")]
        assert lead_id in ids_of(stop_named("Advies")), "at once for who looks"
    with as_(MEG):
        for step_id in removed:
            empty_step(str(step_id))
    with as_(MEG):
        for ident in (lead_id, other):
            assert (lead_of(ident).stage, lead_of(ident).step_id) == (Stage.ADVICE, None)
        assert ids_of(stop_named("Advies")) == {lead_id, other}
        assert all(step.emptied_at for step in session.scalars(select(Step).where(Step.id.in_(removed))))
        late = a_lead(JAN)
        leads.move(late, Stage.ASSIGNED, by())  # falls to the nearest before it
        assert steps.of(late) == stop_named("Nieuw")


def test_another_step_takes_in_what_the_removed_one_did(as_: As, lead_id: UUID) -> None:
    with as_(MEG):
        second = a_step("Ook toegewezen", Stage.ASSIGNED)
        setup.remove_step(stop_named("Toegewezen"), stop_named("Advies"))
        assert stop_named("Ook toegewezen").takes_in
        assert setup.mine().standard.by_stage[Stage.ASSIGNED].id == second.id


def test_a_removed_pipeline_gives_its_leads_back(as_: As, lead_id: UUID) -> None:
    with as_(MEG):
        line = a_pipeline()
        steps.move(lead_of(lead_id), line.by_stage[Stage.ADVICE], by())
    with as_(MEG):
        left = setup.remove_pipeline(line)
        assert len(setup.mine().lines) == 1 and lead_id in ids_of(stop_of(HOME, Stage.ADVICE))
        with pytest.raises(Invalid):
            setup.remove_pipeline(setup.mine().standard)
        ids = [step.id for step in left]
    with as_(MEG):
        for ident in ids:
            empty_step(str(ident))
    with as_(MEG):
        assert (lead_of(lead_id).pipeline_id, lead_of(lead_id).step_id) == (None, None)


def test_names_and_order(as_: As) -> None:
    with as_(MEG):
        with pytest.raises(Invalid):
            a_step("advies", Stage.ADVICE)
        late = a_step("Laatste check", Stage.IN_SERVICE)
        assert setup.mine().standard.open[-1].name == "Laatste check"
        assert not setup.shift(late, 1), "what closes a lead stays behind"
        assert setup.shift(late, -1)
        assert setup.mine().standard.open[-2].name == "Laatste check"
        a_pipeline("Oversluiten")
        with pytest.raises(Invalid):
            a_pipeline("oversluiten")


def test_an_agent_sets_up_nothing(as_: As) -> None:
    with as_(ANN), pytest.raises((OutOfScope, ProgrammingError)):
        a_step("Van Ann", Stage.ADVICE)


def test_a_step_of_another_company_is_no_step(as_: As, lead_id: UUID) -> None:
    with as_(EVE):
        theirs = layout_of(EVE.company_id).standard.stops[3]
    with as_(ANN), pytest.raises(Refused):
        steps.move(lead_of(lead_id), theirs, by())
