"""The blueprint of the checklists plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("checklists", "leadcrm.checklists", several=("goal", "income"))
