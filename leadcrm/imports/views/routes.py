"""The blueprint of the import plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("imports", "leadcrm.imports", url_prefix="/leads/import")
