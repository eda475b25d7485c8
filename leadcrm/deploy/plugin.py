"""Start here: what deploy adds to the application."""

from leadcrm.core.plugin import Plugin
from leadcrm.core.web import PluginBlueprint
from leadcrm.deploy.commands import deploy

plugin = Plugin(
    name="deploy",
    about="Generates configuration for nginx, Caddy, Apache and systemd",
    blueprint=PluginBlueprint("deploy", "leadcrm.deploy"),  # for its templates; it has no page
    commands=(deploy,),
)
