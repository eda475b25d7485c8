"""Start here: what exports adds to the application."""

from leadcrm.core.plugin import Plugin

plugin = Plugin(
    name="exports",
    about="Lists as CSV or Excel: a job with progress, a download that expires",
    requires=("auth", "leads", "notifications", "bulk"),
)
