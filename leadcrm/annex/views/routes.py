"""The blueprint of the annex plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("annex", "leadcrm.annex")
