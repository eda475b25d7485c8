"""The columns of a board, asked of the planner as the restricted role, over a company of 20,000 leads."""

from uuid import UUID

import pytest

from leadcrm.core.db import CrmSession, now
from leadcrm.core.paging import Place, Sort
from leadcrm.core.scope import viewing_as
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.queries.lists import NOBODY
from leadcrm.pipelines.queries import board
from leadcrm.pipelines.queries.board import LONGEST, NEWEST, Narrowed
from leadcrm.pipelines.services.layout import Part
from tests.leads.test_plans import Asked, asked, many, plans, refuse_slow, session  # noqa: F401  (fixtures)
from tests.people import ANN, MEG, Person
from tests.world import viewer_of

SOME = UUID(int=5)
PLAIN = [Part(None, Stage.ADVICE)]
SEVERAL = [Part(None, Stage.ADVICE), Part(None, Stage.SUBMITTED), Part(SOME, Stage.ADVICE)]
INDEX = "ix_leads_lead_company_id_step_id_stage_stage_since_id"
EVERY = {
    "all": Narrowed(), "owner": Narrowed(owner=SOME), "nobody": Narrowed(owner=NOBODY), "source": Narrowed(source=SOME),
    "label": Narrowed(label=SOME), "one owner": Narrowed(owner=SOME, one_owner=True), "own": Narrowed(one_owner=True),
}  # fmt: skip


@pytest.mark.parametrize("sort", [NEWEST, LONGEST], ids=["newest", "longest"])
@pytest.mark.parametrize("parts", [PLAIN, SEVERAL], ids=["plain", "several"])
@pytest.mark.parametrize("place", [None, Place(now(), SOME)], ids=["first", "older"])
def test_a_column_walks_its_index(
    session: CrmSession, asked: Asked, sort: Sort, parts: list[Part], place: Place | None  # noqa: F811
) -> None:
    with viewing_as(viewer_of(MEG)):
        session.execute(board.cards(parts, Narrowed(), sort, place)).all()
        (plan,) = plans(session, asked)
        refuse_slow(plan)
        stretches = [each.partition(INDEX)[0] for each in plan.split("Limit") if INDEX in each]
        assert len(stretches) == len(parts) and not any("Sort" in each for each in stretches), plan


@pytest.mark.parametrize("who", [ANN, MEG], ids=["agent", "manager"])
@pytest.mark.parametrize("narrowed", EVERY.values(), ids=EVERY)
def test_every_filter(session: CrmSession, asked: Asked, who: Person, narrowed: Narrowed) -> None:  # noqa: F811
    with viewing_as(viewer_of(who)):
        session.execute(board.cards(SEVERAL, narrowed, NEWEST)).all()
        found = session.execute(board.total(SEVERAL, narrowed)).one()
        assert found.many <= 1001
        for plan in plans(session, asked):
            if who is ANN or narrowed.owner:  # the whole company in one sweep is not asked for
                refuse_slow(plan)
            assert "Limit" in plan


def test_one_persons_column_is_cut_out_of_their_leads(session: CrmSession, asked: Asked) -> None:  # noqa: F811
    with viewing_as(viewer_of(ANN)):
        session.execute(board.cards(SEVERAL, Narrowed(one_owner=True), NEWEST)).all()
        session.execute(board.total(SEVERAL, Narrowed(one_owner=True))).one()
        for plan in plans(session, asked):
            assert "CTE theirs" in plan and "company_id_owner_id" in plan and INDEX not in plan, plan
