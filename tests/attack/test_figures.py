"""Figures beside plain Python, over offices full of histories that hypothesis makes."""

from random import Random

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadcrm.figures.services.figures import worked_out
from leadcrm.figures.services.periods import Days, Span, period_of, today
from tests.figures import histories
from tests.figures.test_figures import a_past, hold_against, seen_by
from tests.leads.conftest import As, as_
from tests.leads.factories import where_from
from tests.people import ANN, BOB, EVE, MEG
from tests.world import forget_what_tests_wrote

__all__ = ["as_"]
pytestmark = pytest.mark.attack


@given(st.randoms(use_true_random=False), st.integers(0, 60), st.sampled_from(list(Span)))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_figure_of_every_history(
    as_: As, app: Flask, admin_url: str, chance: Random, many: int, span: Span
) -> None:
    forget_what_tests_wrote(admin_url)
    with as_(MEG):
        origins = [tuple(each.id for each in where_from(name)) for name in ("Alfa", "Beta")] + [(None, None, None)]
        pasts = [a_past(chance, [ANN.id, BOB.id, None], origins) for _number in range(many)]
        histories.write(MEG.company_id, pasts)
    with as_(EVE):
        histories.write(EVE.company_id, [a_past(chance, [EVE.id], [(None, None, None)]) for _number in range(3)])
    own = Days(today().replace(year=today().year - 1), today()) if span == Span.OWN else None
    period = period_of(span, today(), own)
    for who in (MEG, ANN):
        with as_(who):
            hold_against(worked_out(period, None, today()), seen_by(who, pasts), period)
