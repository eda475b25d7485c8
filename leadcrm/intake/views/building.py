"""Building a web form, with a preview; and the mailbox of a source."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from leadcrm.core.config import current_config
from leadcrm.core.db import get_or_404, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.fields.language import current_language, speaking
from leadcrm.core.forms import Form
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.intake.models.inlet import Inlet, Mailbox
from leadcrm.intake.models.webform import Language, WebForm
from leadcrm.intake.permissions import Intake
from leadcrm.intake.services import offering, polling, webforms
from leadcrm.intake.services.webforms import MESSAGE, PAGE
from leadcrm.intake.views.managing import source_of
from leadcrm.intake.views.routes import bp
from leadcrm.intake.views.visitors import filled

WORDS = ("name", "title", "intro", "thanks", "language", "consent_text", "marketing_text", "active")
ACCOUNT = ("host", "port", "username", "password", "folder", "active")
WHERE = ("host", "port", "username")  # who gets the password


@bp.get("/intake/sources/<uuid:inlet_id>/forms/new", permission=Intake.MANAGE)
def new_form(inlet_id: UUID) -> ResponseReturnValue:
    inlet = get_or_404(Inlet, inlet_id)
    with session.no_autoflush:
        draft = webforms.new_form(inlet, Language(current_language()))
    return builder(inlet, draft, Form(WebForm, WORDS).fill(draft))


@bp.post("/intake/sources/<uuid:inlet_id>/forms/new", permission=Intake.MANAGE)
def add_form(inlet_id: UUID) -> ResponseReturnValue:
    inlet = get_or_404(Inlet, inlet_id)
    return save(inlet, webforms.new_form(inlet, Language(current_language())))


@bp.get("/intake/forms/<uuid:form_id>", permission=Intake.MANAGE)
def edit_form(form_id: UUID) -> ResponseReturnValue:
    kept = get_or_404(WebForm, form_id)
    return builder(get_or_404(Inlet, kept.inlet_id), kept, Form(WebForm, WORDS).fill(kept))


@bp.post("/intake/forms/<uuid:form_id>", permission=Intake.MANAGE)
def save_form(form_id: UUID) -> ResponseReturnValue:
    kept = get_or_404(WebForm, form_id)
    return save(get_or_404(Inlet, kept.inlet_id), kept)


def save(inlet: Inlet, kept: WebForm) -> ResponseReturnValue:
    form, fields, typed = Form(WebForm, WORDS), webforms.fields_in(request.form), request.form.get("sites", "")
    form.read(request.form)
    try:
        sites = webforms.sites_in(typed)
    except Invalid as problem:
        return builder(inlet, kept, form, fields, typed, str(problem.message), 422)
    problem_words = webforms.fields_problem(fields, inlet.goal)
    if problem_words:
        form.errors.append(problem_words)
    form.errors += _silently_left_out(fields)
    if not form.valid:
        return builder(inlet, kept, form, fields, typed, status=422)
    form.apply(kept)
    kept.fields, kept.sites = fields, sites
    webforms.keep(kept)
    flash(_("Saved. Visitors see this from now on."), "success")
    return redirect(url_for(".edit_form", form_id=kept.id), 303)


def _silently_left_out(fields: list[dict[str, Any]]) -> list[str]:
    """What every lead must have is left out by who ticks that they know what comes of it."""
    return [
        _("Ask for %(field)s, or tick below that leads from this form may wait in quarantine.", field=target.label)
        for target in offering.left_out(fields) if not request.form.get(f"without-{target.key}")
    ]  # fmt: skip


def left_out(fields: list[dict[str, Any]], is_kept: bool) -> list[tuple[str, str, bool]]:
    """Key, name, and whether that was chosen: a form that is shown as it is kept may be kept so again."""
    return [
        (target.key, target.label, is_kept or bool(request.form.get(f"without-{target.key}")))
        for target in offering.left_out(fields)
    ]


def builder(
    inlet: Inlet, kept: WebForm, form: Form, fields: Any = None, sites: str | None = None, problem: str = "",
    status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    asked = kept.fields if fields is None else fields
    chosen = {each["key"]: (place, each["required"]) for place, each in enumerate(asked, 1)}
    offered = [(target.key, target.label) for target in webforms.offered()] + [(MESSAGE, _("Question or message"))]
    address = f"{current_config().base_url}/{PAGE}/{kept.token}"
    return render(
        "intake/builder.html", inlet=inlet, kept=kept, form=form, source=source_of(inlet), chosen=chosen,
        offered=sorted(offered, key=lambda each: chosen.get(each[0], (99, False))[0]), is_new=kept.version == 0,
        sites="\n".join(kept.sites) if sites is None else sites, sites_problem=problem, address=address,
        texts=webforms.texts_of(kept.id) if kept.version else [], plain=plain_form(kept, address),
        shown=filled(kept, offering.places()), trap=webforms.TRAP, left_out=left_out(asked, is_kept=fields is None),
        demanded={target.key for target in offering.demanded()},
    ), status  # fmt: skip


def plain_form(kept: WebForm, address: str) -> str:
    """A form without scripts, to be put in a page as it is; ours is shown before anything is stored."""
    with force_locale(str(kept.language)), speaking(str(kept.language)):
        shown = filled(kept, offering.places())
        return render("intake/plain_form.txt", shown=shown, address=address, title=kept.title).strip()


@bp.get("/intake/forms/<uuid:form_id>/preview", permission=Intake.MANAGE)
def preview_form(form_id: UUID) -> ResponseReturnValue:
    """As visitors see it; nothing can be sent from here."""
    kept = get_or_404(WebForm, form_id)
    with force_locale(str(kept.language)), speaking(str(kept.language)):
        return render(
            "intake/form.html", token=kept.token, form=kept, shown=filled(kept, offering.places()), ticket="",
            trap=webforms.TRAP, preview=True, company=signed_in_viewer().company_name,
        )  # fmt: skip


@bp.get("/intake/sources/<uuid:inlet_id>/mailbox", permission=Intake.MANAGE, step_up=True)
def edit_mailbox(inlet_id: UUID) -> ResponseReturnValue:
    inlet = get_or_404(Inlet, inlet_id)
    kept = polling.of_inlet(inlet_id)
    form = Form(Mailbox, ACCOUNT, required=() if kept else ("password",))
    if kept:
        form.fill(kept)
    else:
        form.port.value, form.folder.value, form.active.value = "993", "INBOX", "yes"
    return mailbox_page(inlet, form, kept)


def mailbox_page(inlet: Inlet, form: Form, kept: Mailbox | None, status: int = 200) -> ResponseReturnValue:
    values: dict[str, Any] = {"inlet": inlet, "form": form, "kept": kept, "source": source_of(inlet)}
    return render("intake/mailbox.html", **values), status


@bp.post("/intake/sources/<uuid:inlet_id>/mailbox", permission=Intake.MANAGE, step_up=True)
def save_mailbox(inlet_id: UUID) -> ResponseReturnValue:
    inlet, kept = get_or_404(Inlet, inlet_id), polling.of_inlet(inlet_id)
    form = Form(Mailbox, ACCOUNT)
    if form.read(request.form) and form.values["password"] is None and _elsewhere(form, kept):
        form.refuse("password", _("Type the password. It is asked again whenever server or user name change."))
    if not form.valid:
        return mailbox_page(inlet, form, kept, 422)
    password = form.values.pop("password")
    kept = kept or Mailbox(company_id=inlet.company_id, inlet_id=inlet.id)
    form.apply(kept)
    polling.keep(kept, password)
    flash(_("Saved. The mailbox is read within some minutes; how that went stands here."), "success")
    return redirect(url_for(".show_inlet", inlet_id=inlet_id), 303)


def _elsewhere(form: Form, kept: Mailbox | None) -> bool:
    return kept is None or any(form.values[name] != getattr(kept, name) for name in WHERE)


@bp.post("/intake/sources/<uuid:inlet_id>/mailbox/remove", permission=Intake.MANAGE, step_up=True)
def remove_mailbox(inlet_id: UUID) -> ResponseReturnValue:
    inlet, kept = get_or_404(Inlet, inlet_id), polling.of_inlet(inlet_id)
    if kept is not None:
        session.delete(kept)
        flash(_("The mailbox is read no longer, and its password is gone. What it brought stays."), "success")
    return redirect(url_for(".show_inlet", inlet_id=inlet.id), 303)
