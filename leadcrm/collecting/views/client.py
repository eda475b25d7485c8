"""What a client sees: a code to type, then the papers that are asked for with a button at each. Nothing that is there.

The pages say the same whether a link was invented, revoked or has expired.
"""

from typing import Any

from flask import Response, g, make_response, redirect, request, url_for
from flask import session as form_session
from flask.typing import ResponseReturnValue
from flask_babel import refresh

from leadcrm.collecting import jobs
from leadcrm.collecting.services import delivering, visiting
from leadcrm.collecting.services.visiting import DeadLink, Inside, TooOften, WrongCode
from leadcrm.collecting.views.routes import bp
from leadcrm.core.db import journal
from leadcrm.core.i18n import remember_language
from leadcrm.core.jobs import defer
from leadcrm.core.limits import visitor
from leadcrm.core.scope import viewing_as
from leadcrm.core.web import Access, render
from leadcrm.inspection.services import Reason

COOKIE = "__Host-leadcrm-client"


@bp.get("/aanleveren/<token>", permission=Access.PUBLIC)
def deliver(token: str) -> ResponseReturnValue:
    """The code, or the papers for who gave it."""
    try:
        who = who_is_inside(token)
        return papers(token, who) if who else code_page(token, visiting.open_link(token, visitor()))
    except DeadLink:
        return dead()
    except TooOften as problem:
        return render("collecting/later.html", minutes=problem.minutes), 429


def who_is_inside(token: str) -> Inside | None:
    return visiting.inside(token, request.cookies.get(COOKIE, ""))


def code_page(token: str, link: Any, problem: str = "", minutes: int = 0, status: int = 200) -> ResponseReturnValue:
    speak(link.language)
    problem = "locked" if link.locked and not problem else problem
    return render("collecting/code.html", token=token, link=link, problem=problem, minutes=minutes), status


def papers(token: str, who: Inside) -> ResponseReturnValue:
    speak(who.language)
    values: dict[str, Any] = {
        "token": token, "who": who, "asked": visiting.asked(who), "largest": delivering.largest(),
        "sent": request.args.get("sent", type=int) or 0, **_refused(request.args.get("refused", "")),
    }
    return render("collecting/papers.html", **values)


def _refused(why: str) -> dict[str, str]:
    """Why the last file of a form was not taken: `large`, `many`, or a word of inspection."""
    return {"refused": why, "reason": Reason(why).label if why in set(Reason) else ""}


def dead() -> ResponseReturnValue:
    return render("collecting/dead.html"), 404


def speak(language: str) -> None:
    """The client's language, unless this browser chose one."""
    if g.get("viewer") is None and "language" not in form_session:
        form_session["language"] = language
        refresh()
        remember_language()


@bp.post("/aanleveren/<token>/code", permission=Access.PUBLIC)
def give_code(token: str) -> ResponseReturnValue:
    try:
        link = visiting.open_link(token, visitor())
        visit = visiting.enter(token, link, request.form.get("code", ""), visitor())
    except DeadLink:
        return dead()
    except TooOften as problem:
        return render("collecting/later.html", minutes=problem.minutes), 429
    except WrongCode as problem:
        if problem.locked and not link.locked:
            tell_locked(link)
        return code_page(token, link, "locked" if problem.locked else "wrong", status=422)
    return give_cookie(make_response(redirect(url_for(".deliver", token=token), 303)), visit)


def tell_locked(link: Any) -> None:
    """In a transaction of its own: the answer to a wrong code keeps nothing."""
    with viewing_as(visiting.client_of(link)), journal() as own:
        defer(jobs.tell_locked, link.link_id, on=own)


def give_cookie(response: Response, visit: str) -> Response:
    """For this browser session and host only; it opens one link, for some hours."""
    response.set_cookie(COOKIE, visit, secure=True, httponly=True, samesite="Lax", path="/")
    return response


@bp.post("/aanleveren/<token>/ready", permission=Access.PUBLIC)
def ready(token: str) -> ResponseReturnValue:
    """The client is done, and this browser is a stranger again."""
    who = who_is_inside(token)
    if who is None:
        return dead()
    speak(who.language)
    with viewing_as(who.viewer):
        defer(jobs.tell_adviser, who.link_id, once=f"tell of {who.link_id} now")
    visiting.leave(who)
    response = make_response(render("collecting/thanks.html", who=who, token=token))
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path="/")
    return response
