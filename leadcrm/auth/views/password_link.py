"""Where a one-time link leads: choosing a password."""

from flask import flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.auth.forms import PasswordForm
from leadcrm.auth.services import attempts, failures, links
from leadcrm.auth.services.links import AddressInUse, DeadLink
from leadcrm.auth.views.loading import take_cookie
from leadcrm.auth.views.routes import bp, visitor
from leadcrm.core.web import Access, render


@bp.get("/set-password/<token>", permission=Access.PUBLIC)
def set_password(token: str) -> ResponseReturnValue:
    try:
        return render("auth/set_password.html", link=links.read(token, visitor()), token=token, form=PasswordForm())
    except DeadLink as problem:
        return dead(problem)


@bp.post("/set-password/<token>", permission=Access.PUBLIC)
def do_set_password(token: str) -> ResponseReturnValue:
    try:
        link = links.read(token, visitor())
        form = PasswordForm(link.name, link.email, link.company_name)
        if not form.read(request.form):
            return render("auth/set_password.html", link=link, token=token, form=form), 422
        links.use(token, form.new, visitor())
    except DeadLink as problem:
        return dead(problem)
    except AddressInUse:
        return render("auth/dead_link.html", in_use=True), 409
    flash(_("Your password is set. Sign in with it."), "success")
    return take_cookie(make_response(redirect(url_for("auth.sign_in"), 303)))


def dead(problem: DeadLink) -> ResponseReturnValue:
    """Used, replaced, too old, invented, or from a wrong address: all the same to who asks."""
    if attempts.worth_recording(visitor()):
        failures.record(problem.reason, "", visitor(), problem.link)
    return render("auth/dead_link.html", in_use=False), 404
