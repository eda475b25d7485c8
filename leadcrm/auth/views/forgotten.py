"""Asking for a new password."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.auth.services import failures, forgotten
from leadcrm.auth.services.attempts import TooManyAttempts
from leadcrm.auth.views.routes import bp, visitor
from leadcrm.auth.views.signing_in import limited
from leadcrm.core.web import Access, render


@bp.get("/forgotten", permission=Access.PUBLIC, endpoint="forgotten")
def forgotten_page() -> ResponseReturnValue:
    return render("auth/forgotten.html", typed="", problem="")


@bp.post("/forgotten", permission=Access.PUBLIC)
def ask_forgotten() -> ResponseReturnValue:
    typed = request.form.get("email", "")
    address = failures.address_of(typed)
    if address is None:
        problem = _("This is not an e-mail address. Type it like name@example.nl.")
        return render("auth/forgotten.html", typed=typed[:254], problem=problem), 422
    try:
        forgotten.ask(address, visitor())
    except TooManyAttempts as refused:
        return limited(render("auth/forgotten.html", typed=typed[:254], problem=str(refused.message)), refused)
    return render("auth/forgotten_asked.html", address=address, minutes=forgotten.MINUTES)
