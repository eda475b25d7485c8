"""What the import plugin adds."""

from flask_babel import lazy_gettext as _

from leadcrm.core.plugin import NavItem, Plugin
from leadcrm.imports import jobs
from leadcrm.imports.commands import import_
from leadcrm.imports.permissions import Imports
from leadcrm.imports.views import check, columns, result, start  # noqa: F401  (their routes)
from leadcrm.imports.views.routes import bp

plugin = Plugin(
    name="imports",
    about="Files of leads: columns mapped, lines checked, imported in the background, undone as a whole",
    requires=("auth", "leads"),
    blueprint=bp,
    permissions=Imports,
    granted={"agent": {Imports.RUN}, "companymanager": {Imports.RUN}},
    nav=(NavItem(_("Import"), "imports.start", "file-import", 30, key="i"),),
    jobs=(jobs.check, jobs.run_slice, jobs.undo, jobs.forget_old),
    commands=(import_,),
)
