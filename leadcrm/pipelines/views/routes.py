"""The blueprint of the pipelines plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("pipelines", "leadcrm.pipelines", several=("required",))
