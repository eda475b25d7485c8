"""The blueprint of own fields; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("custom_fields", "leadcrm.custom_fields", url_prefix="/own-fields")
