"""The blueprint: managers under /intake, suppliers at /intake/<source>, visitors of web sites at /aanvraag."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("intake", "leadcrm.intake", url_prefix="/")
