"""The blueprint of figures; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("figures", "leadcrm.figures")
