"""Where a lead stands, as its page says it: the row of steps, what is usually next, and the way to any other.

Standard stages by themselves; a plugin in which companies have steps of their own says it instead, see use().
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import url_for

from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import CLOSED, Phase, next_stage, phase_of

DONE, HERE, AHEAD = "done", "here", ""


@dataclass(frozen=True)
class Standing:
    """`row` is (word, done, here or ahead). Sending `next_values` to `next_url` moves the lead on."""

    name: str
    is_closed: bool
    row: tuple[tuple[str, str], ...]
    other_url: str
    next_name: str = ""
    next_url: str = ""
    next_values: Mapping[str, str] = field(default_factory=dict)


Teller = Callable[[Lead], Standing]


def by_stage(lead: Lead) -> Standing:
    phase, phases, following = phase_of(lead.stage), list(Phase), next_stage(lead.stage)
    url = url_for("leads.change_stage", lead_id=lead.id)
    row = row_of([each.label for each in phases], phases.index(phase) if phase else None)
    if following is None:
        return Standing(lead.stage.label, lead.stage in CLOSED, row, url)
    return Standing(lead.stage.label, False, row, url, following.label, url, {"stage": str(following)})


def row_of(names: list[str], here: int | None) -> tuple[tuple[str, str], ...]:
    def state(place: int) -> str:
        if here is None or place > here:
            return AHEAD
        return HERE if place == here else DONE

    return tuple((name, state(place)) for place, name in enumerate(names))


_tellers: list[Teller] = [by_stage]


def use(teller: Teller) -> None:
    """In the place of the standard one."""
    _tellers[:] = [teller]


def standing_of(lead: Lead) -> Standing:
    return _tellers[0](lead)
