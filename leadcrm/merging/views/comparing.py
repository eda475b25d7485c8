"""Two leads side by side, and making one of them."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.web import render
from leadcrm.leads.queries.household import Household
from leadcrm.merging.permissions import Merging
from leadcrm.merging.services import merging
from leadcrm.merging.services.comparing import ADDED, MOST_PERSONS, Pairs, compared, name_of, paired, too_many
from leadcrm.merging.views.lead import house_or_404
from leadcrm.merging.views.routes import bp

TAKE = "take-"  # before the key of a value, in the name of its radio buttons


def two_or_404(lead_id: UUID, other_id: UUID) -> tuple[Household, Household]:
    if lead_id == other_id:
        abort(404)
    return house_or_404(lead_id), house_or_404(other_id)


@bp.get("/leads/<uuid:lead_id>/with/<uuid:other_id>", permission=Merging.MERGE)
def compare(lead_id: UUID, other_id: UUID) -> ResponseReturnValue:
    kept, other = two_or_404(lead_id, other_id)
    return _page(kept, other, _said(kept, other, request.args))


@bp.post("/leads/<uuid:lead_id>/with/<uuid:other_id>", permission=Merging.MERGE)
def merge(lead_id: UUID, other_id: UUID) -> ResponseReturnValue:
    """The first lead stays; what was chosen of the other is taken over, and everything else of it goes along."""
    kept, other = two_or_404(lead_id, other_id)
    pairs = _said(kept, other, request.form)
    if too_many(kept, pairs):
        return _page(kept, other, pairs, status=422)
    made = merging.merge(kept, other, pairs, _taken(request.form))
    text = _("%(reference)s went up in this lead.", reference=other.lead.reference)
    undo = url_for(".undo_merge", merge_id=made.id)
    flash({"text": text, "action_url": undo, "action_label": _("Undo")}, "success")  # type: ignore[arg-type]
    return redirect(url_for("leads.show_lead", lead_id=lead_id), 303)


def _taken(typed: Any) -> set[str]:
    return {name.removeprefix(TAKE) for name, value in typed.items() if name.startswith(TAKE) and value == "other"}


def _said(kept: Household, other: Household, typed: Any) -> Pairs:
    """Who is who, as somebody said, or as it seems."""
    pairs = paired(kept, other)
    for ident in pairs:
        said = typed.get(f"person-{ident}", "")
        if said == ADDED:
            pairs[ident] = None
        elif said:
            pairs[ident] = next((each.id for each in kept.persons if str(each.id) == said), pairs[ident])
    return pairs


def _page(kept: Household, other: Household, pairs: Pairs, status: int = 200) -> ResponseReturnValue:
    room = len(kept.persons) < MOST_PERSONS
    people = [(str(each.id), name_of(each)) for each in kept.persons]
    values: dict[str, Any] = {
        "kept": kept, "other": other, "parts": compared(kept, other, pairs), "name_of": name_of,
        "people": people + ([(ADDED, _("Comes along as co-applicant"))] if room else []),
        "said": {ident: str(ours) if ours else ADDED for ident, ours in pairs.items()},
        "too_many": too_many(kept, pairs), "typed": request.form,
        "swap_url": url_for(".compare", lead_id=other.lead.id, other_id=kept.lead.id),
    }  # fmt: skip
    return render("merging/compare.html", **values), status
