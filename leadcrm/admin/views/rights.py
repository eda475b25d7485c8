"""Which role has which right by itself, and who has one extra: for the screen and for paper."""

from flask.typing import ResponseReturnValue

from leadcrm.admin.permissions import Admin
from leadcrm.admin.views.routes import bp
from leadcrm.admin.views.users import givers
from leadcrm.auth.services import rights, users
from leadcrm.core.fields.dates import Date, Moment
from leadcrm.core.web import render


@bp.get("/rights", permission=Admin.VIEW)
def show_rights() -> ResponseReturnValue:
    known = {str(permission): permission for _title, group in rights.matrix() for permission, _held in group}
    return render(
        "admin/rights.html", columns=rights.columns(), matrix=rights.matrix(), extra=rights.extra_rights(), by=givers(),
        rights=rights, known=known, today=users.today(), moment=Moment().show, day=Date().show,
    )
