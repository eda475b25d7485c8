"""The blueprint of the collecting plugin: clients meet it under a Dutch word, advisers under the plugin's name."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("collecting", "leadcrm.collecting", url_prefix="/", several=("item",))
