"""How somebody wants to hear of what: one choice a kind, and when the daily mail comes."""

from collections.abc import Mapping

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.db import session
from leadcrm.core.forms import Form
from leadcrm.core.scope import Viewer, signed_in_viewer
from leadcrm.core.web import Access, render
from leadcrm.notifications.models import Rhythm, Way
from leadcrm.notifications.services import wishes
from leadcrm.notifications.services.kinds import offered_to
from leadcrm.notifications.views.routes import bp

FIELDS = ("hour", "zone")


@bp.get("/choices", permission=Access.SIGNED_IN)
def choices() -> ResponseReturnValue:
    viewer = signed_in_viewer()
    rhythm = Form(Rhythm, FIELDS).fill(wishes.my_rhythm(viewer))
    return _page(viewer, rhythm, wishes.my_ways(viewer))


@bp.post("/choices", permission=Access.SIGNED_IN)
def save_choices() -> ResponseReturnValue:
    viewer, form = signed_in_viewer(), Form(Rhythm, FIELDS)
    refuse_borrowed(viewer)
    ways = _ways_typed(viewer, request.form)
    if not form.read(request.form):
        return _page(viewer, form, ways), 422
    rhythm = wishes.my_rhythm(viewer)
    form.apply(rhythm)
    session.add(rhythm)
    wishes.keep_ways(viewer, ways)
    flash(_("Saved."), "success")
    return redirect(url_for("notifications.choices"), 303)


def refuse_borrowed(viewer: Viewer) -> None:
    """Behind broken glass an admin stands in another company, where they have no account to choose for."""
    if getattr(viewer, "glass", None) is not None:
        abort(403)


def _ways_typed(viewer: Viewer, typed: Mapping[str, str]) -> dict[str, Way]:
    """What makes no sense leaves the choice as it was."""
    known = wishes.my_ways(viewer)
    ways = set(map(str, Way))
    return {name: Way(typed[name]) if typed.get(name) in ways else way for name, way in known.items()}


def _page(viewer: Viewer, rhythm: Form, ways: dict[str, Way]) -> str:
    return render("notifications/choices.html", rhythm=rhythm, chosen=ways, kinds=offered_to(viewer), ways=tuple(Way))
