"""The blueprint of the watch plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("watch", "leadcrm.watch", url_prefix="/admin")
