"""The blueprint of saved views; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

# what is left open: the address of the list comes along when the menu is opened
bp = PluginBlueprint("saved_views", "leadcrm.saved_views", url_prefix="/views", several=("column",))
