"""`leadcrm keys`: what there is, and new keys for old."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import click

from leadcrm.core.config import Config, load
from leadcrm.core.crypto import Keyring
from leadcrm.core.databases import database_running, migrator_database_url, worker_database_url
from leadcrm.core.db import now
from leadcrm.core.keys import looking_after
from leadcrm.core.keys.files import KeyProblem, refuse_unsafe_place
from leadcrm.core.keys.looking_after import KeyState
from leadcrm.core.keys.opening import key_folder, ring_of, wrappers_of
from leadcrm.core.keys.rotation import DEADLINE, Rotation


@click.group()
def keys() -> None:
    """Encryption keys: status, rotate, rotate-kek, make."""


@keys.command()
@click.option("--count", is_flag=True, help="Also count the values that need each key.")
def status(count: bool) -> None:
    """Print the key-encryption keys and every company's keys."""
    config = load()
    with database_running(config):
        wrappers, states = wrappers_of(config), looking_after.key_states(migrator_database_url(config), count)
        old = looking_after.unaccounted(migrator_database_url(config)) if count else None
    click.echo(f"keys in       {key_folder(config)}")
    click.echo(f"wrapped with  {wrappers.current.name}")
    for state in states:
        click.echo(f"{state.company_id}  key {state.number:<3} by {state.wrapped_by:10} {described(state)}")
    if old is not None:
        click.echo(f"values of the old scheme (master key): {old}")


def described(state: KeyState) -> str:
    """Where a key stands, in words."""
    counted = "" if state.values is None else f", {state.values} values"
    if state.destroyed_at:
        return f"destroyed on {state.destroyed_at:%Y-%m-%d}"
    if state.refused_at is None:
        return f"in use since {state.created_at:%Y-%m-%d}{counted}"
    word = "refused since" if state.refused_at <= now() else "read until"
    done = "" if state.emptied_at else ", NOT all values brought over: run `leadcrm keys rotate`"
    return f"{word} {state.refused_at:%Y-%m-%d %H:%M}{counted}{done}"


@keys.command()
@click.option("--company", type=click.UUID, help="Only this company, by its id.")
@click.option("--deadline-days", type=click.IntRange(0, 366), default=DEADLINE.days, show_default=True,
              help="After so many days nothing is read any more with the old keys.")
@click.option("--batch", type=click.IntRange(1, 10_000), default=500, show_default=True, help="Rows a transaction.")
def rotate(company: UUID | None, deadline_days: int, batch: int) -> None:
    """New keys for the companies, and every sealed value sealed anew. Goes on where it was cut off."""
    config = load()
    with database_running(config):
        rotation = Rotation(
            migrator_database_url(config), _ring(config), wrappers_of(config), timedelta(days=deadline_days), batch,
            said=lambda table, rows: click.echo(f"\r{table}: {rows} rows   ", nl=False, err=True),
        )
        done = rotation.run(company)
    click.echo(f"\n{done} rows are sealed with new keys; blind indexes and the audit chain keep the root key.")


def _ring(config: Config) -> Keyring:
    return ring_of(config, worker_database_url(config))


@keys.command("rotate-kek")
@click.option("--rewrap-only", is_flag=True, help="Make no new master key file: wrap with what is configured now.")
def rotate_kek(rewrap_only: bool) -> None:
    """A new key-encryption key; every company's key is wrapped with it. No value is touched."""
    config = load()
    if not rewrap_only and not config.key_command:
        _refuse_mounted(config)
        click.echo(f"master-{looking_after.add_master(key_folder(config))}.key is made: back it up.")
    with database_running(config):
        done = looking_after.rewrap(migrator_database_url(config), wrappers_of(config))
        old = looking_after.unaccounted(migrator_database_url(config))
    click.echo(f"{done} keys are wrapped anew.")
    if old:
        click.echo(f"{old} values still need an old master key: run `leadcrm keys rotate`.")
    else:
        click.echo("Older master keys open nothing here any more: keep them with the backups that need them.")


def _refuse_mounted(config: Config) -> None:
    if config.key_folder is not None:
        raise KeyProblem(
            f"{config.key_folder} is mounted: add the next key there (`leadcrm keys make FOLDER` makes one), restart, "
            "and run `leadcrm keys rotate-kek --rewrap-only`."
        )


@keys.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def make(folder: Path) -> None:
    """Make key files in FOLDER, to be mounted as a secret elsewhere; where some are, the next master key."""
    refuse_unsafe_place(folder, load().instance)
    if folder.exists() and any(folder.glob("master-*.key")):
        click.echo(f"master-{looking_after.add_master(folder)}.key is made in {folder}.")
        return
    Keyring.create(folder)
    click.echo(f"master-1.key and root.key are made in {folder}: back them up, apart from the database.")
