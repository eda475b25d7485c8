"""The blueprint of the summaries plugin."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("summaries", "leadcrm.summaries", several=("part",))
