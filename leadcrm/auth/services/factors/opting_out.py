"""A company that asks no second step of its agents: allowed, written in the audit trail, and told, however it is done.

Managers and admins can never be without one: that stands in the database (auth_factor_asked in migrations/0006), and no
setting reaches it. Requirement A3: enforced by default, with an opt-out per company that is logged and in the annex.
"""

from flask_babel import lazy_gettext as _
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from leadcrm.auth.models.people import Company
from leadcrm.core import notices
from leadcrm.core.db import CrmSession


@event.listens_for(CrmSession, "before_flush")
def tell(of: Session, _flush: object, _instances: object) -> None:
    for row in (*of.new, *of.dirty):
        if isinstance(row, Company) and not row.totp_required and inspect(row).attrs.totp_required.history.added:
            text = _("%(name)s asks no second step of its agents any more.", name=row.name)
            notices.alert("second_step_off", row.id, text, url=f"/admin/companies/{row.id}", on=of)
