"""The blueprint of the merging plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("merging", "leadcrm.merging", several=("taken",))
