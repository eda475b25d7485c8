"""Start here: what documents adds to the application."""

from leadcrm.core.plugin import Plugin
from leadcrm.documents.permissions import Documents
from leadcrm.documents.services import checking
from leadcrm.documents.views.routes import bp

plugin = Plugin(
    name="documents",
    about="Documents of leads: encrypted, checked, with versions, previews and dates on which they expire",
    requires=("auth", "leads"),
    blueprint=bp,
    permissions=Documents,
    granted={
        "agent": frozenset[str](Documents), "companymanager": frozenset[str](Documents),
        "break-glass": {Documents.VIEW},
    },
    jobs=(checking.check,),
)
