"""The blueprint of the searching plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("searching", "leadcrm.searching", url_prefix="/search")
