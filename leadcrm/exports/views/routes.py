"""The blueprint of the exports plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("exports", "leadcrm.exports", several=("id",))
