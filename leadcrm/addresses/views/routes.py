"""The blueprint of the plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("addresses", "leadcrm.addresses")
