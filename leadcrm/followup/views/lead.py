"""What is planned for one lead: a part of its page, and a page by itself."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from leadcrm.core.web import render
from leadcrm.followup.permissions import Followup
from leadcrm.followup.views.parts import aside_values, lead_or_404
from leadcrm.followup.views.routes import bp


@bp.get("/followup/<uuid:lead_id>", permission=Followup.USE)
def show_lead(lead_id: UUID) -> ResponseReturnValue:
    return render("followup/lead.html", "followup/_aside.html", **aside_values(lead_or_404(lead_id)))
