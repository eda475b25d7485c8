"""Start here: what documents adds to the application."""

from flask_babel import lazy_gettext as _

from leadcrm.core.plugin import Panel, Plugin
from leadcrm.documents.checks import CHECKS
from leadcrm.documents.permissions import Documents
from leadcrm.documents.services import arriving, checking, keeping
from leadcrm.documents.views import describing, files, lists, uploads  # noqa: F401  (their routes)
from leadcrm.documents.views.routes import bp

plugin = Plugin(
    name="documents",
    about="Documents of leads: encrypted, checked, with versions, previews and dates on which they expire",
    requires=("auth", "leads", "inspection"),
    blueprint=bp,
    permissions=Documents,
    granted={
        "agent": frozenset[str](Documents), "companymanager": frozenset[str](Documents),
        "break-glass": {Documents.VIEW},
    },
    jobs=(checking.check, checking.check_left_behind, keeping.empty_bins, arriving.forget_unfinished),
    panels=(Panel("leads.show_lead", _("Documents"), "documents.list_documents", 10),),
    checks=CHECKS,
)
