"""Puts the application together. The only module that knows every plugin."""

from flask import Flask

from leadcrm.addresses.plugin import plugin as addresses
from leadcrm.admin.plugin import plugin as admin
from leadcrm.annex.plugin import plugin as annex
from leadcrm.auth.plugin import plugin as auth
from leadcrm.bulk.plugin import plugin as bulk
from leadcrm.checklists.plugin import plugin as checklists
from leadcrm.collecting.plugin import plugin as collecting
from leadcrm.core import assets, blobs, crypto, db, errors, i18n, refusals, reports, security, shell, web
from leadcrm.core.config import Config, load
from leadcrm.core.databases import web_database_url
from leadcrm.core.keys.opening import ring_of
from leadcrm.core.plugin import Plugin, install, outside_plugins
from leadcrm.custom_fields.plugin import plugin as custom_fields
from leadcrm.demo.plugin import plugin as demo
from leadcrm.deploy.plugin import plugin as deploy
from leadcrm.distribution.plugin import plugin as distribution
from leadcrm.documents.plugin import plugin as documents
from leadcrm.exports.plugin import plugin as exports
from leadcrm.figures.plugin import plugin as figures
from leadcrm.followup.plugin import plugin as followup
from leadcrm.imports.plugin import plugin as imports
from leadcrm.inspection.plugin import plugin as inspection
from leadcrm.intake.plugin import plugin as intake
from leadcrm.leads.plugin import plugin as leads
from leadcrm.mailboxes.plugin import plugin as mailboxes
from leadcrm.merging.plugin import plugin as merging
from leadcrm.notifications.plugin import plugin as notifications
from leadcrm.pipelines.plugin import plugin as pipelines
from leadcrm.saved_views.plugin import plugin as saved_views
from leadcrm.searching.plugin import plugin as searching
from leadcrm.summaries.plugin import plugin as summaries
from leadcrm.tags.plugin import plugin as tags
from leadcrm.trail.plugin import plugin as trail
from leadcrm.watch.plugin import plugin as watch

# each after those it requires
PLUGINS: list[Plugin] = [
    auth, addresses, notifications, leads, bulk, imports, inspection, documents, checklists, collecting, pipelines,
    searching, tags, custom_fields, saved_views, exports, followup, distribution, mailboxes, intake, figures, merging,
    summaries, admin, watch, trail, annex, deploy, demo,
]  # fmt: skip


def create_app(config: Config | None = None, database_url: str | None = None) -> Flask:
    """The application; web processes use the application's database role, workers and commands hand in theirs."""
    config = config or load()
    database_url = database_url or web_database_url(config)
    ring = ring_of(config, database_url)
    own = str(config.instance)
    app = web.CrmApp("leadcrm", instance_path=own, template_folder="core/templates", static_folder=None)
    app.extensions["config"] = config
    crypto.start(app, ring)
    app.testing = config.testing
    db.start(app, database_url, config.database_pool, config.statement_timeout_ms)
    blobs.start(app)
    i18n.start(app)
    security.start(app, config)
    assets.start(app)
    web.start(app)
    shell.start(app)
    errors.start(app)
    reports.start(app)
    refusals.start(app)
    install(app, [*PLUGINS, *outside_plugins(config.plugins)])
    return app
