"""Core's commands: make an instance, run it, look after it."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pkgutil import resolve_name
from typing import Any

import click
from flask import Flask
from sqlalchemy import make_url

from leadcrm.core import migrate
from leadcrm.core.blobs.sweeping import sweep_now
from leadcrm.core.config import PREFIX, Config, ConfigProblem, load
from leadcrm.core.databases import (
    database_running,
    driven,
    embedded_server,
    migrator_database_url,
    worker_database_url,
)
from leadcrm.core.doctor.examining import examine
from leadcrm.core.doctor.report import as_text, exit_code
from leadcrm.core.garbage import spare_what_is_there
from leadcrm.core.jobs import maintenance, rescue_now, run_worker
from leadcrm.core.keys.commands import keys
from leadcrm.core.keys.opening import make_first_keys
from leadcrm.core.postgres import PostgresProblem, Urls, prepare_cluster
from leadcrm.core.processes import serve as serve_all
from leadcrm.core.processes import web_begun, work
from leadcrm.core.server import FACTORY, tls_files


def _keys() -> str:
    """Every configuration key with its default, for the help text."""
    lines = []
    for name, field in Config.model_fields.items():
        default = ", ".join(field.default) if isinstance(field.default, tuple) else field.default
        lines.append(f"{name} = {'' if default is None else default}")
    return "\n".join(lines)


EPILOG = f"""\b
Keys of instance/config.toml with their defaults; each is also read from the environment as {PREFIX}NAME:
{_keys()}"""


@click.command(epilog=EPILOG)
@click.option(
    "--admin-url", metavar="URL", help="Make roles and database on this PostgreSQL 15+ instead of the embedded."
)
@click.option("--database", default="leadcrm", show_default=True, help="The name of the database there.")
@click.option("--new-passwords", is_flag=True, help="Give logins that exist there new passwords.")
def init(admin_url: str | None, database: str, new_passwords: bool) -> None:
    """Make the instance: keys, certificate, database, roles and tables. May be run again."""
    config = load()
    config.instance.mkdir(mode=0o755, parents=True, exist_ok=True)
    if admin_url:
        _prepare_elsewhere(config, driven(admin_url), database, new_passwords)
    make_instance(config)
    click.echo(f"The instance in {config.instance} is ready. Make the first account with `leadcrm user`.")


@contextmanager
def application(config: Config) -> Iterator[Flask]:
    """The application as a command has it: with the worker's login, and the embedded database up."""
    with database_running(config):
        app: Flask = resolve_name(FACTORY)(config, worker_database_url(config))
        try:
            with app.app_context():
                yield app
        finally:
            app.extensions["database"].close()


def make_instance(config: Config) -> None:
    """Whatever is missing: database, tables, keys, certificate."""
    config.instance.mkdir(mode=0o755, parents=True, exist_ok=True)
    embedded = embedded_server(config)
    if embedded:
        embedded.ensure_running()
    migrate.upgrade(migrator_database_url(config))
    make_first_keys(config)
    tls_files(config)


def _prepare_elsewhere(config: Config, admin_url: str, database: str, new_passwords: bool) -> None:
    if config.database_url:
        raise ConfigProblem(
            "database_url is configured already: remove it, init writes the addresses into the instance"
        )
    if (config.instance / "postgres").exists():
        raise PostgresProblem(f"{config.instance} has an embedded database: choose another LEADCRM_INSTANCE")
    try:
        known = Urls.load(config.instance)
    except PostgresProblem:
        known = None
    urls = prepare_cluster(admin_url, database, known=known, reset_passwords=new_passwords)
    urls.save(config.instance)
    click.echo(f"Roles and database are made on {make_url(urls.app).host or 'the local socket'}.")


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="The TLS port, instead of the configured one.")
@click.option("--workers", type=click.IntRange(0, 64), help="Processes for jobs, instead of the configured number.")
def serve(port: int | None, workers: int | None) -> None:
    """Run the product in the foreground: database, web server, workers. Ctrl-C stops all of it."""
    with web_begun() as begun:
        config = load_on(port)
        said = f"leadcrm answers on {config.base_url}"
        sys.exit(serve_all(config, lambda: click.echo(said), workers=workers, begun=begun))


def load_on(port: int | None) -> Config:
    """The configuration, on this port; the address that people use follows, unless it is configured."""
    config = load(port=port) if port else load()
    if port is None or "base_url" in config.model_fields_set:
        return config
    return load(port=port, base_url=f"https://localhost:{port}")


@click.command()
@click.option("--processes", type=click.IntRange(1, 64), help="How many, instead of the configured number.")
@click.option("--one", is_flag=True, hidden=True, help="Be one of them.")
def worker(processes: int | None, one: bool) -> None:
    """Run only the workers that do the jobs."""
    config = load()
    if not one:
        sys.exit(work(config, processes or config.job_workers))
    url = worker_database_url(config)
    app: Any = resolve_name(FACTORY)(config, url)
    spare_what_is_there()
    run_worker(app, url)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--repair", is_flag=True, help="First mend what a crash left: stalled jobs, files that no row knows.")
def doctor(as_json: bool, repair: bool) -> None:
    """Examine the instance. Each finding says what to do about it.

    The exit code is 0 when all is well, 1 when something deserves attention, 2 when something is wrong.
    """
    if repair:
        click.echo(f"Repaired: {_repaired(load())}", err=True)
    findings = examine()
    click.echo(json.dumps([each.as_dict() for each in findings], indent=1) if as_json else as_text(findings))
    sys.exit(exit_code(findings))


def _repaired(config: Config) -> str:
    """Safe while the product runs."""
    with application(config) as app:
        rescue_now(app, worker_database_url(config))
        with maintenance("`leadcrm doctor --repair` removes what a crash left"):
            swept = sweep_now()
    return (
        f"{swept.orphans + swept.left} files that no row knows, {swept.doomed} that were to go, "
        f"{swept.expired} uploads that expired; stalled jobs are back in the queue."
    )


COMMANDS: tuple[click.Command, ...] = (init, serve, worker, doctor, keys)
