"""The blueprint of the notifications plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("notifications", "leadcrm.notifications")
