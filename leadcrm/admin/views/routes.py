"""The blueprint of the admin plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("admin", "leadcrm.admin", several=("right",))
