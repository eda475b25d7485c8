"""Start here: what searching adds to the application."""

from leadcrm.core.plugin import Plugin

plugin = Plugin(
    name="searching",
    about="One box that finds leads by anything people remember of them",
    requires=("auth", "leads"),
)
