"""The blueprint of the tags plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("tags", "leadcrm.tags")
