"""The blueprint that all views of this plugin stand on."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("documents", "leadcrm.documents", several=("document", "file"))
