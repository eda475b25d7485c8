"""The blueprint of the leads plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("leads", "leadcrm.leads", several=("id", "column", "seen", "put-tag", "tag"))
