"""What a company expects of a lead in each stage: the chances that the expected volume is made of."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.forms import Form
from leadcrm.core.web import render
from leadcrm.figures.models import Chance
from leadcrm.figures.permissions import Figures
from leadcrm.figures.services import chances, keeping
from leadcrm.figures.services.chances import Outlook
from leadcrm.figures.views.routes import bp
from leadcrm.leads.models.terms import UNDER_WAY, Stage

FIELDS = ("chance", "days")
Forms = dict[Stage, Form]


def forms() -> Forms:
    return {stage: Form(Chance, FIELDS, prefix=f"{stage}-") for stage in UNDER_WAY}


@bp.get("/chances", permission=Figures.CHANCES)
def show_chances() -> ResponseReturnValue:
    made, known = forms(), chances.outlooks()
    for stage, form in made.items():
        form.fill(Chance(stage=stage, **known[stage]._asdict()))
    return chances_page(made)


def chances_page(made: Forms) -> str:
    return render("figures/chances.html", forms=made, valid=all(form.valid for form in made.values()))


@bp.post("/chances", permission=Figures.CHANCES)
def save_chances() -> ResponseReturnValue:
    made = forms()
    read = [form.read(request.form) for form in made.values()]  # all of them: each tells what is wrong with it
    if not all(read):
        return chances_page(made), 422
    for stage, form in made.items():
        chances.save(stage, Outlook(form.values["chance"], form.values["days"]))
    keeping.refresh()
    flash(_("The chances are saved; the expected volume follows them."), "success")
    return redirect(url_for(".overview"), 303)
