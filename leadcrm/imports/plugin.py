"""What the import plugin adds."""


from leadcrm.core.plugin import Plugin
from leadcrm.imports import jobs
from leadcrm.imports.commands import import_
from leadcrm.imports.permissions import Imports
from leadcrm.imports.views.routes import bp

plugin = Plugin(
    name="imports",
    about="Files of leads: columns mapped, lines checked, imported in the background, undone as a whole",
    requires=("auth", "leads"),
    blueprint=bp,
    permissions=Imports,
    granted={"agent": {Imports.RUN}, "companymanager": {Imports.RUN}},
    jobs=(jobs.check, jobs.run_slice, jobs.undo, jobs.forget_old),
    commands=(import_,),
)
