"""The annex as it stands now, and its dated versions."""

from typing import Any
from uuid import UUID

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.annex.jobs import measure
from leadcrm.annex.models import Dispatch, Version
from leadcrm.annex.permissions import Annex
from leadcrm.annex.services import documents, writing
from leadcrm.annex.services.judging import Verdict
from leadcrm.annex.views.drawing import pdf_of
from leadcrm.annex.views.routes import bp
from leadcrm.auth.models.people import Company
from leadcrm.core.config import current_config
from leadcrm.core.db import get_or_404, session
from leadcrm.core.fields.language import current_language
from leadcrm.core.jobs import defer
from leadcrm.core.paper import NoPdf
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render

TONES = {
    Verdict.MET: "success", Verdict.EXCEPTION: "warning", Verdict.ORGANISATIONAL: "accent", Verdict.NOT_MET: "danger",
}  # fmt: skip
VERDICT_ICONS = {
    Verdict.MET: "circle-check", Verdict.EXCEPTION: "alert-triangle", Verdict.ORGANISATIONAL: "file-description",
    Verdict.NOT_MET: "alert-circle",
}  # fmt: skip


def shown(content: dict[str, Any]) -> dict[str, Any]:
    """What the templates of a page need beside the annex itself."""
    counts = {each: sum(clause["state"] == each for clause in content["clauses"]) for each in Verdict}
    return {"content": content, "language": current_language(), "moment": writing.moment, "tones": TONES,
            "icons": VERDICT_ICONS, "verdict": Verdict, "counts": counts}  # fmt: skip


def asked_company() -> Company:
    """The one in the address, as far as this viewer sees it; otherwise one's own."""
    wanted = request.values.get("company", "")
    try:
        ident = UUID(wanted) if wanted else signed_in_viewer().company_id
    except ValueError:
        abort(404)
    return get_or_404(Company, ident)


@bp.get("/", permission=Annex.VIEW)
def show_annex() -> ResponseReturnValue:
    company = asked_company()
    companies = session.scalars(select(Company).order_by(Company.name)).all()
    kept = select(Version).where(Version.company_id == company.id).order_by(Version.number.desc()).limit(50)
    sent = select(Dispatch).where(Dispatch.company_id == company.id)
    return render(
        "annex/annex.html", company=company, companies=companies, versions=session.scalars(kept).all(),
        sent=_by_version(session.scalars(sent)), **shown(documents.current(company)),
    )  # fmt: skip


def _by_version(sent: Any) -> dict[UUID, list[Dispatch]]:
    found: dict[UUID, list[Dispatch]] = {}
    for each in sent:
        found.setdefault(each.version_id, []).append(each)
    return found


@bp.post("/measure", permission=Annex.KEEP)
def measure_now() -> ResponseReturnValue:
    defer(measure, once="annex measure")
    flash(_("Measuring takes half a minute. Load this page again after that."), "success")
    return redirect(url_for("annex.show_annex", company=request.form.get("company") or None), 303)


@bp.post("/keep", permission=Annex.KEEP)
def keep_version() -> ResponseReturnValue:
    version = documents.keep(asked_company(), signed_in_viewer().user_id)
    flash(_("Version %(number)d is kept.", number=version.number), "success")
    return redirect(url_for("annex.show_version", version_id=version.id), 303)


@bp.get("/versions/<uuid:version_id>", permission=Annex.VIEW)
def show_version(version_id: UUID) -> ResponseReturnValue:
    version = get_or_404(Version, version_id)
    older = documents.before(version)
    changed = documents.differences(older.content, version.content) if older else []
    return render(
        "annex/version.html", version=version, older=older, changed=changed,
        unchanged=documents.is_unchanged(version), **shown(version.content),
    )  # fmt: skip


@bp.get("/versions/<uuid:version_id>/pdf", permission=Annex.VIEW)
def download_pdf(version_id: UUID) -> ResponseReturnValue:
    version = get_or_404(Version, version_id)
    try:
        pdf = pdf_of(version.content, current_language())
    except NoPdf:
        flash(_("This server cannot make a PDF. Print the page instead, or download the data."), "warning")
        return redirect(url_for("annex.show_version", version_id=version.id), 303)
    return _download(pdf, "application/pdf", f"annex-{version.number}.pdf")


@bp.get("/versions/<uuid:version_id>/data", permission=Annex.VIEW)
def download_data(version_id: UUID) -> ResponseReturnValue:
    """Exactly the bytes that the digest is of."""
    version = get_or_404(Version, version_id)
    return _download(documents.canonical(version.content), "application/json", f"annex-{version.number}.json")


def _download(body: bytes, kind: str, name: str) -> Response:
    response = Response(body, content_type=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@bp.post("/versions/<uuid:version_id>/send", permission=Annex.KEEP)
def send_version(version_id: UUID) -> ResponseReturnValue:
    version = get_or_404(Version, version_id)
    address = current_config().base_url + url_for("annex.show_version", version_id=version.id)
    text = _("A new version of the annex of security measures is ready for you. You can read and download it here:")
    recipients = documents.send(version, address, _("Annex of security measures"), text)
    if recipients:
        flash(_("Sent to %(names)s.", names=", ".join(recipients)), "success")
    else:
        flash(_("This company has no company manager to send it to."), "warning")
    return redirect(url_for("annex.show_version", version_id=version.id), 303)
