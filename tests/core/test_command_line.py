"""The command says what is true, and problems are a sentence instead of a traceback."""

import os

import pytest
from click.testing import CliRunner
from flask import Flask

from leadcrm import cli
from leadcrm.cli import described
from leadcrm.core.config import Config
from leadcrm.core.jobs import declared
from tests import forks
from tests.doors import RULES

COMMANDS = ("init", "serve", "worker", "demo", "migrate", "import", "user", "plugins", "doctor")


KEPT = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}


def test_every_command_stands_in_the_help_and_has_its_own() -> None:
    shown = forks.leadcrm("--help", env=KEPT)
    assert shown.returncode == 0, shown.stderr
    for command in COMMANDS:
        assert f"\n  {command} " in shown.stdout, command


@pytest.mark.parametrize("command", COMMANDS)
def test_help_needs_no_instance(command: str) -> None:
    done = CliRunner(env={"LEADCRM_INSTANCE": "/nowhere"}).invoke(cli.leadcrm, [command, "--help"])
    assert done.exit_code == 0 and "Usage:" in done.stdout, done.output


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"LEADCRM_PROT": "1"}, "prot: is no known key"),
        ({"LEADCRM_DATABASE_URL": "mysql://x"}, "PostgreSQL"),
        ({"LEADCRM_DATABASE_URL": "postgresql://x@/y"}, "worker_database_url is not"),
    ],
)
def test_a_problem_is_a_sentence(environ: dict[str, str], said: str) -> None:
    done = forks.leadcrm("plugins", env=KEPT | environ)
    assert done.returncode == 1
    assert said in done.stderr and "Traceback" not in done.stderr


def test_what_plugins_prints_is_what_there_is(whole_app: Flask, config: Config) -> None:
    plugins = whole_app.extensions["plugins"]
    printed = {name: described(whole_app, plugin) for name, plugin in plugins.items()}
    for rule in RULES:
        name = rule.endpoint.partition(".")[0]
        if name in printed:
            permission = getattr(whole_app.view_functions[rule.endpoint], "permission", "public")
            assert f" {rule.rule}  [{permission}]" in printed[name]
    for each in declared():
        if (name := each.name.partition(".")[0]) in printed:
            assert f"job         {each.name}" in printed[name]
    for name, plugin in plugins.items():
        assert all(f"permission  {permission} " in printed[name] for permission in plugin.permissions or ())
        assert all(f"leadcrm {command.name}" in printed[name] for command in plugin.commands)
