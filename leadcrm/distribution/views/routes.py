"""The blueprint of the distribution plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint(
    "distribution", "leadcrm.distribution",
    several=("goal", "employment", "language", "label", "source", "agent", "trait"),
)  # fmt: skip
