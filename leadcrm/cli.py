"""The `leadcrm` command: core's commands, and those that plugins bring."""

import sys

import click
from flask import Flask

from leadcrm.app import PLUGINS
from leadcrm.core import migrate as migrations
from leadcrm.core.commands import COMMANDS, application
from leadcrm.core.config import ConfigProblem, load
from leadcrm.core.crypto import KeyProblem
from leadcrm.core.databases import database_running, migrator_database_url
from leadcrm.core.garbage import spare_what_is_loaded
from leadcrm.core.jobs import declared
from leadcrm.core.plugin import Plugin, PluginProblem, WholeCommand
from leadcrm.core.postgres.problems import PostgresProblem
from leadcrm.core.processes import PortTaken
from leadcrm.core.readiness import NotReady
from leadcrm.core.tls import TlsProblem

PROBLEMS = (ConfigProblem, KeyProblem, NotReady, PluginProblem, PortTaken, PostgresProblem, TlsProblem)


class Main(click.Group):
    """Runs a plugin's command inside the application; core's commands, and whole ones, prepare it themselves."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        brought = {each.name for plugin in PLUGINS for each in plugin.commands if not isinstance(each, WholeCommand)}
        if name in brought and "--help" not in rest and not ctx.resilient_parsing:
            ctx.with_resource(application(load()))
        return name, command, rest


@click.group(cls=Main, context_settings={"help_option_names": ["-h", "--help"]})
def leadcrm() -> None:
    """leadcrm: a CRM and lead platform for Dutch financial advisers."""


@leadcrm.command()
@click.option("--make", "message", metavar="MESSAGE", help="Write the next migration from the models instead.")
def migrate(message: str | None) -> None:
    """Bring the database up to date and derive its row policies from the models."""
    config = load()
    with database_running(config):
        url = migrator_database_url(config)
        if message:
            migrations.make(url, message, f"{len(list(migrations.FOLDER.glob('0*.py'))) + 1:04d}")
        else:
            migrations.upgrade(url)


@leadcrm.command()
def plugins() -> None:
    """Print the plugins with their routes, permissions and jobs."""
    with application(load()) as app:
        for plugin in app.extensions["plugins"].values():
            click.echo(described(app, plugin))


def described(app: Flask, plugin: Plugin) -> str:
    lines = [f"{plugin.name}: {plugin.about}"]
    lines += [f"  requires    {', '.join(plugin.requires)}"] if plugin.requires else []
    lines += [f"  permission  {permission}  {_roles(plugin, permission)}" for permission in plugin.permissions or ()]
    lines += [f"  route       {line}" for line in _routes(app, plugin.name)]
    lines += [f"  job         {each.name}" for each in declared() if each.name.startswith(f"{plugin.name}.")]
    lines += [f"  command     leadcrm {command.name}" for command in plugin.commands]
    return "\n".join(lines)


def _roles(plugin: Plugin, permission: str) -> str:
    roles = sorted(role for role, given in (plugin.granted or {}).items() if permission in given)
    return f"({', '.join(roles) or 'nobody by default'})"


def _routes(app: Flask, name: str) -> list[str]:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(f"{name}.")]
    shown = [
        (rule.rule, "/".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})), rule.endpoint) for rule in rules
    ]
    return [
        f"{methods:5} {path}  [{getattr(app.view_functions[endpoint], 'permission', 'public')}]"
        for path, methods, endpoint in sorted(shown)
    ]


for command in (*COMMANDS, *(command for plugin in PLUGINS for command in plugin.commands)):
    leadcrm.add_command(command)


def main() -> None:
    """The entry point: problems that an administrator can solve are one clear text, never a traceback."""
    spare_what_is_loaded()
    try:
        leadcrm()
    except PROBLEMS as problem:
        click.echo(f"leadcrm: {problem}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
