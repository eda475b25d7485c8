"""What the templates of this plugin are given; missing, removed and somebody else's look the same."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal

from leadcrm.core.config import current_config
from leadcrm.core.fields.dates import Moment, shown_date
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import wants_fragment
from leadcrm.documents.models.document import Document, Version
from leadcrm.documents.models.terms import DocumentKind
from leadcrm.documents.permissions import Documents
from leadcrm.documents.services import expiry, finding, reading
from leadcrm.inspection.services import Reason
from leadcrm.inspection.services.kinds import BY_EXTENSION, EXTENSIONS, Kind
from leadcrm.leads.models.lead import Lead

UNITS = ("bytes", "kB", "MB", "GB")
ICONS = {
    Kind.PDF: "file-type-pdf", Kind.XLSX: "file-spreadsheet", Kind.ODS: "file-spreadsheet",
    Kind.CSV: "file-spreadsheet", Kind.JPEG: "photo", Kind.PNG: "photo", Kind.HEIC: "photo", Kind.TIFF: "photo",
    Kind.TXT: "file-text",
}  # fmt: skip


def lead_or_404(lead_id: UUID) -> Lead:
    return finding.lead_of(lead_id) or abort(404)


def document_or_404(document_id: UUID, *, removed: bool = False) -> Document:
    return finding.document_of(document_id, removed=removed) or abort(404)


def version_or_404(document_id: UUID, number: int) -> Version:
    return reading.version_of(document_or_404(document_id), number) or abort(404)


def shown_size(size: int) -> str:
    """`340 kB`, `2,3 MB`: with a decimal below ten."""
    number, unit = float(size), 0
    while number >= 999.5 and unit < len(UNITS) - 1:
        number, unit = number / 1000, unit + 1
    said = format_decimal(round(number, 1 if number < 9.95 and unit else 0))
    return f"{said} {UNITS[unit]}"


def mark_of(document: Any) -> str:
    """The icon of what has no picture."""
    kind = BY_EXTENSION.get(document.name.rpartition(".")[2].lower(), Kind.TXT)
    return ICONS.get(kind, ICONS[Kind.TXT])


def reason_of(row: Any) -> str:
    """Why it was refused, in the reader's language."""
    try:
        return Reason(row.reason).label
    except ValueError:
        return Reason.DAMAGED.label


def shared() -> dict[str, Any]:
    """For every template here."""
    viewer = signed_in_viewer()
    return {
        "size": shown_size,
        "day": lambda moment: shown_date(moment.date()),
        "date": shown_date,
        "moment": Moment().show,
        "mark_of": mark_of,
        "reason_of": reason_of,
        "flag_of": lambda document: expiry.flag_of(document, date.today()),
        "may_add": viewer.can(Documents.ADD) and not viewer.read_only,
        "may_delete": viewer.can(Documents.DELETE) and not viewer.read_only,
        "most_mb": current_config().max_file_mb,
        "bin_days": current_config().document_bin_days,
        "accept": ",".join(f".{extension}" for extension in EXTENSIONS),
        "kinds": [(str(kind), kind.label) for kind in DocumentKind],
    }


def list_values(lead: Lead) -> dict[str, Any]:
    """A page of the documents of a lead, as the address asks for it."""
    words = request.args.get("q", "").strip()[:100]
    kind = next((each for each in DocumentKind if each == request.args.get("kind")), None)
    listed = finding.listed(finding.search(lead.id, words, kind), request.args.get("cursor"))

    def rows_url(cursor: str | None) -> str | None:
        return url_for("documents.list_rows", lead_id=lead.id, q=words or None, kind=kind, cursor=cursor)

    return shared() | {
        "lead": lead,
        "listed": listed,
        "count": listed.count or 0,
        "words": words,
        "kind": kind,
        "filtered": bool(words or kind),
        "waiting": any(row.Document.state == "quarantined" for row in listed.rows),
        "here": rows_url(request.args.get("cursor")),
        "newer": rows_url(listed.newer) if listed.newer else None,
        "older": rows_url(listed.older) if listed.older else None,
        "binned": finding.in_bin(lead.id),
    }


def back_to_list(lead_id: UUID, said: Any = None, tone: str = "success") -> ResponseReturnValue:
    """After a change: the rows anew; without a script the page of the list."""
    if said:
        flash(said, tone)
    if wants_fragment():
        return render_template("documents/_changed.html", **list_values(lead_or_404(lead_id)))
    return redirect(url_for("documents.list_documents", lead_id=lead_id), 303)
