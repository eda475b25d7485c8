"""The page of one document: its pages to look at, what is known of it, its versions; changing and moving it."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.auth.models.people import User
from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.forms import Form
from leadcrm.core.web import render
from leadcrm.documents.models.document import Document, Version
from leadcrm.documents.permissions import Documents
from leadcrm.documents.services import drawing, finding, keeping, reading
from leadcrm.documents.views.page import document_or_404, lead_or_404, shared
from leadcrm.documents.views.routes import bp
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.services.names import full_name

FIELDS = ("name", "kind", "dated_on", "expires_on", "note")
PAGES = 20  # to look at below each other


@bp.get("/<uuid:document_id>", permission=Documents.VIEW)
def show_document(document_id: UUID) -> ResponseReturnValue:
    """The newest version, or the one that was asked for."""
    document = document_or_404(document_id)
    versions = reading.versions_of(document)
    asked = request.args.get("version", "")
    shown = next((each for each in versions if str(each.number) == asked), versions[0])
    named = select(User.id, User.name).where(User.id.in_({each.added_by for each in versions}))
    names = dict(iter(session.execute(named)))
    return render(
        "documents/show.html", document=document, lead=lead_or_404(document.lead_id), versions=versions, shown=shown,
        names=names, person=_names_of(document.lead_id).get(str(document.person_id)), **_pages(shown), **shared(),
    )  # fmt: skip


def _pages(version: Version) -> dict[str, Any]:
    """Which of its pages stand on this page."""
    drawn = version.state == "available" and version.media_type in drawing.DRAWN
    pages = (version.pages or 1) if drawn else 0
    wanted = request.args.get("from", "")
    first = int(wanted) if wanted.isascii() and wanted.isdigit() and 0 < int(wanted[:6]) <= pages else 1
    last = min(first + PAGES - 1, pages)
    return {"pages": pages, "first": first, "last": last, "at_once": PAGES, "numbers": range(first, last + 1)}


@bp.get("/<uuid:document_id>/edit", permission=Documents.ADD)
def edit_document(document_id: UUID) -> ResponseReturnValue:
    document = document_or_404(document_id)
    return _form_page(document, Form(Document, FIELDS).fill(document), str(document.person_id or ""))


@bp.post("/<uuid:document_id>", permission=Documents.ADD)
def save_document(document_id: UUID) -> ResponseReturnValue:
    document, form, person = document_or_404(document_id), Form(Document, FIELDS), request.form.get("person_id", "")
    people = _names_of(document.lead_id)
    if not form.read(request.form) or (person and person not in people):
        return _form_page(document, form, person), 422
    keeping.describe(document, form.values | {"person_id": UUID(person) if person else None})
    flash(_("Saved."), "success")
    return redirect(url_for("documents.show_document", document_id=document.id), 303)


def _form_page(document: Document, form: Form, person: str) -> str:
    people = list(_names_of(document.lead_id).items())
    lead = lead_or_404(document.lead_id)
    return render(
        "documents/edit.html", document=document, form=form, person=person, people=people, lead=lead, **shared()
    )


def _names_of(lead_id: UUID) -> dict[str, str]:
    """The people of the lead by id, as a select has them."""
    people = session.scalars(select(Person).where(Person.lead_id == lead_id).order_by(Person.position))
    return {str(person.id): _name_of(person) for person in people}


def _name_of(person: Person) -> str:
    words = {name: getattr(person, name) for name in ("call_name", "first_names", "initials", "infix", "birth_name",
                                                      "correspondence_name")}  # fmt: skip
    return full_name(words) or str(_("Applicant %(number)s", number=person.position))


@bp.get("/<uuid:document_id>/move", permission=Documents.ADD)
def choose_lead(document_id: UUID) -> ResponseReturnValue:
    return _move_page(document_or_404(document_id))


@bp.post("/<uuid:document_id>/move", permission=Documents.ADD)
def move_document(document_id: UUID) -> ResponseReturnValue:
    document = document_or_404(document_id)
    try:
        lead = lead_or_404(UUID(request.form.get("lead", "")))
    except ValueError:
        return _move_page(document, _("Choose a lead first.")), 422
    try:
        keeping.move(document, lead)
    except Invalid as problem:
        return _move_page(document, str(problem)), 422
    said = _("%(name)s is now with %(lead)s.", name=document.name, lead=lead.household_name or lead.reference)
    flash(said, "success")
    return redirect(url_for("documents.list_documents", lead_id=lead.id), 303)


def _move_page(document: Document, problem: str = "") -> str:
    here = lead_or_404(document.lead_id)
    words = request.args.get("q", "").strip()[:100]
    offered: list[Lead] = finding.leads_beside(here, words)
    return render(
        "documents/move.html", document=document, lead=here, offered=offered, words=words, problem=problem, **shared()
    )


