"""The first step: a file; and the imports that were there before."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.auth.models.people import User
from leadcrm.core.db import session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import Scope, signed_in_viewer
from leadcrm.core.web import render
from leadcrm.imports.models import Import
from leadcrm.imports.permissions import Imports
from leadcrm.imports.queries.progress import imported_by_import
from leadcrm.imports.services.layout import MOST_BYTES, MOST_COLUMNS, MOST_ROWS
from leadcrm.imports.services.receiving import receive
from leadcrm.imports.views import wizard
from leadcrm.imports.views.routes import bp

SHOWN = 25


@bp.get("", permission=Imports.RUN)
def start() -> ResponseReturnValue:
    return _page()


@bp.post("", permission=Imports.RUN, uploads=True)
def upload() -> ResponseReturnValue:
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(_("Choose a file first.")), 422
    try:
        taken = receive(signed_in_viewer(), file.filename, file.stream.read(MOST_BYTES + 1))
    except Invalid as problem:
        return _page(str(problem)), 422
    if taken.masked:
        flash(_("The file held citizen service numbers (BSN). We may not keep those: they were left out."), "warning")
    return redirect(url_for("imports.edit_columns", import_id=taken.id), 303)


def _page(problem: str = "") -> str:
    viewer = signed_in_viewer()
    asked = select(Import, User.name.label("by")).join(User, User.id == Import.user_id)
    rows = session.execute(asked.where(Import.company_id == viewer.company_id)
                           .order_by(Import.created_at.desc()).limit(SHOWN)).all()  # fmt: skip
    return render(
        "imports/start.html", steps=wizard.steps(None), problem=problem, rows=rows, page_of=wizard.page_of,
        imported=imported_by_import([row.Import for row in rows]), moment=Moment().show, number=wizard.number,
        sees_company=viewer.scope == Scope.COMPANY, most_mb=MOST_BYTES // 1024 // 1024,
        most_rows=wizard.number(MOST_ROWS), most_columns=MOST_COLUMNS,
    )  # fmt: skip
