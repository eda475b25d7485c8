"""Start here: what deploy adds to the application."""

from leadcrm.core.plugin import Plugin

plugin = Plugin(name="deploy", about="Generates configuration for nginx, Caddy, Apache and systemd")
