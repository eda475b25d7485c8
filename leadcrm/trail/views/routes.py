"""The blueprint of the trail plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("trail", "leadcrm.trail", url_prefix="/admin/trail")
