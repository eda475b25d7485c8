"""What a visitor of a company's web site sees: the form, within their page, and the link in their mail.

Works without scripts and without cookies, which browsers keep from pages within others' pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from leadcrm.core.fields.bsn import refuse
from leadcrm.core.fields.kinds import Invalid, Kind
from leadcrm.core.fields.language import speaking
from leadcrm.core.fields.text import LongText
from leadcrm.core.limits import visitor
from leadcrm.core.web import Access, render
from leadcrm.imports.services.targets import OWN, Target
from leadcrm.intake.services import offering, webforms
from leadcrm.intake.services.webforms import MESSAGE, TRAP, NoForm, Stale
from leadcrm.intake.views.routes import bp

NOTHING: Mapping[str, str] = {}
_MESSAGE = LongText(2_000)


@dataclass
class Asked:
    """One field of a web form, with what was typed and what is wrong with it."""

    id: str
    label: str
    kind: Kind
    required: bool
    value: str = ""
    errors: list[str] = field(default_factory=list)

    def read(self, typed: Mapping[str, str]) -> str:
        """The same readers as everywhere; what they accept goes on as it was typed."""
        self.value = typed.get(self.id, "").strip()[:5_000]
        try:
            refuse(self.value)
            if self.value:
                self.kind.parse(self.value)
        except Invalid as problem:
            self.errors.append(str(problem.message))
        if self.required and not self.errors and offering.says_nothing(self.kind, self.value):
            self.errors.append(str(_("Fill in this field.")))
        return self.value if self.errors else offering.unmistakable(self.kind, self.value)

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """That something is not known is no answer where one is required."""
        return tuple(each for each in self.kind.options if each[0] or not self.required)


@dataclass
class Filled:
    """The fields of a form as a page shows them."""

    fields: list[Asked]
    errors: list[str] = field(default_factory=list)

    def __iter__(self) -> Any:
        return iter(self.fields)

    @property
    def valid(self) -> bool:
        return not self.errors and not any(each.errors for each in self.fields)


def filled(form: Any, places: Mapping[str, Target], typed: Mapping[str, str] = NOTHING) -> Filled:
    """A field that its company removed since is not among the places: it is not asked for any more."""
    asked = []
    for each in form.fields:
        key = each["key"]
        if key == MESSAGE:
            asked.append(Asked(key, str(_("Your question or message")), _MESSAGE, each["required"]))
        elif key in places:
            must = each["required"] or (places[key].part is OWN and places[key].required)
            asked.append(Asked(key, places[key].label, places[key].kind, must))
    for shown in asked:
        shown.value = typed.get(shown.id, "")[:5_000]
    return Filled(asked)


@bp.get("/aanvraag/<token>", permission=Access.PUBLIC)
def show_form(token: str) -> ResponseReturnValue:
    try:
        form = webforms.live(token)
    except NoForm:
        return gone()
    with force_locale(form.language), speaking(form.language):
        return page(token, form, filled(form, offering.places_of(form), request.args))


def gone() -> ResponseReturnValue:
    return render("intake/gone.html"), 404


def page(token: str, form: Any, shown: Filled, status: int = 200, **more: Any) -> ResponseReturnValue:
    """May stand in the pages of the sites that its company named, and nowhere else."""
    g.framed_by = tuple(form.sites)
    values = {"token": token, "form": form, "shown": shown, "ticket": webforms.ticket(form), "trap": TRAP, **more}
    return render("intake/form.html", **values), status


@bp.post("/aanvraag/<token>", permission=Access.PUBLIC, from_elsewhere=True)
def send_form(token: str) -> ResponseReturnValue:
    """From the form itself, or from a plain one in the company's page: that one is shown ours to check and send, so
    that everybody has seen the text they agree to."""
    try:
        form = webforms.live(token)
        with force_locale(form.language), speaking(form.language):
            return _sent(token, form)
    except NoForm:
        return gone()


def _sent(token: str, form: Any) -> ResponseReturnValue:
    shown = filled(form, offering.places_of(form), request.form)
    try:
        punch = webforms.punched(form, request.form.get("ticket", ""))
    except Stale:
        return page(token, form, shown, again=True)
    fields = {each.id: text for each in shown if (text := each.read(request.form))}
    if not request.form.get("agree"):
        shown.errors.append(str(_("Tick that you agree: without it we may not keep your details.")))
    if not shown.valid:
        return page(token, form, shown, 422, agreed=request.form.get("agree"), news=request.form.get("news"))
    trapped = bool(request.form.get(TRAP))
    news = bool(form.marketing_text and request.form.get("news"))
    webforms.take(form, token, fields, punch, visitor(), trapped, news)
    g.framed_by = tuple(form.sites)
    return render("intake/thanks.html", form=form, news=news and "applicant.email" in fields)


@bp.get("/aanvraag/bevestigen/<token>", permission=Access.PUBLIC)
def show_opt_in(token: str) -> ResponseReturnValue:
    """A button: programs that look at links in mails press none."""
    found = webforms.opt_in(token)
    if found is None:
        return gone()
    with force_locale(found.language), speaking(found.language):
        return render("intake/confirm.html", found=found, token=token, done=found.confirmed)


@bp.post("/aanvraag/bevestigen/<token>", permission=Access.PUBLIC)
def confirm_opt_in(token: str) -> ResponseReturnValue:
    found = webforms.opt_in(token)
    if found is None:
        return gone()
    webforms.confirm(token, visitor())
    with force_locale(found.language), speaking(found.language):
        return render("intake/confirm.html", found=found, token=token, done=True)
