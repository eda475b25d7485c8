"""`leadcrm demo`: the product in the foreground, with an office full of made-up households."""

import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import groupby
from types import FrameType

import click
import pyotp

from leadcrm.core.commands import application, load_on, make_instance
from leadcrm.core.config import Config, load
from leadcrm.core.databases import migrator_database_url
from leadcrm.core.migrate import as_owner
from leadcrm.core.plugin import WholeCommand
from leadcrm.core.processes import serve, web_begun
from leadcrm.demo.services import arrivals, keepsakes, lists, opening, papers, pipelines, records, shares
from leadcrm.demo.services.offices import Account
from leadcrm.demo.services.records import Record
from leadcrm.demo.services.seeding import SeedingFailed, seed

MOST_LEADS = 5_000_000
QUIET_SECONDS = 2.0  # what takes longer says how far it is
PROBLEMS = (opening.RealData, records.RecordProblem, SeedingFailed)


@click.command(cls=WholeCommand, short_help="Run the product with demonstration data, until Ctrl-C.")
@click.option("--leads", default=2_000, envvar="DEMO_LEADS", show_default=True, help="How many to make up.",
              type=click.IntRange(0, MOST_LEADS))  # fmt: skip
@click.option("--port", type=click.IntRange(1, 65_535), help="Listen here instead of the configured port.")
@click.option("--codes", is_flag=True, help="Only print the accounts with the codes of this moment.")
def demo(leads: int, port: int | None, codes: bool) -> None:
    """Run the product with an office full of made-up households; Ctrl-C stops everything it started.

    The first time it makes the data, after that it keeps them. It refuses an instance that holds anything else.
    """
    if codes:
        show_accounts(_told(lambda: _printed_only(load())))
        return
    with web_begun() as begun:
        config = load_on(port)
        show_accounts(_told(lambda: prepared(config, leads)))
        sys.exit(serve(config, lambda: _welcome(config), begun=begun))


def _told(record: Callable[[], Record]) -> Record:
    try:
        return record()
    except PROBLEMS as problem:
        raise click.ClickException(str(problem)) from problem


def _printed_only(config: Config) -> Record:
    record = records.read(config.instance)
    if record is None:
        raise records.RecordProblem("There is no demonstration here yet: start it with `leadcrm demo`.")
    return record


def prepared(config: Config, leads: int) -> Record:
    """Makes what is not there: nothing the second time, the rest when the first time was cut short."""
    make_instance(config)
    record = records.read(config.instance)
    with as_owner(migrator_database_url(config)) as owner:
        founded = opening.is_founded(record, owner)
    if record is None or not founded:
        record = records.begin(leads)
    records.keep(record, config.instance, config.base_url)
    if record.complete:
        if record.leads != leads:
            click.echo(f"This instance was made with {record.leads:,} leads and is kept as it is.")
        return record
    with application(config):
        _make_office(record, founded)
    record = replace(record, complete=True)
    records.keep(record, config.instance, config.base_url)
    return record


def _make_office(record: Record, founded: bool) -> None:
    if not founded:
        opening.settle(record)
    make(record)
    papers.lay_out(record.offices)
    pipelines.set_up(record.offices)
    keepsakes.lay_out(record.offices)
    shares.lay_out(record.offices)
    arrivals.deliver(record.offices)
    lists.look_after()


def make(record: Record) -> None:
    """Shows how it goes. SIGTERM is treated as Ctrl-C, so that the processes that make it end too."""
    before = signal.signal(signal.SIGTERM, _interrupted)
    progress = Progress(record.leads)
    try:
        for written in seed(record.world(), record.leads):
            progress.add(written)
    finally:
        signal.signal(signal.SIGTERM, before)
    progress.end()


def _interrupted(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class Progress:
    """How many leads are there, how fast it goes and how long it still takes; silent when it is over at once."""

    def __init__(self, whole: int):
        self.whole, self.there, self.made = whole, 0, 0
        self.began = self.shown = time.monotonic()
        self.first = True

    def add(self, leads: int) -> None:
        self.there += leads
        self.made += 0 if self.first else leads  # the first number is what was there already
        self.first = False
        now = time.monotonic()
        pause = 0.5 if sys.stdout.isatty() else 10.0
        if now - self.began > QUIET_SECONDS and now - self.shown > pause:
            self.shown = now
            self._show(self.made / (now - self.began))

    def _show(self, speed: float) -> None:
        left = _spoken((self.whole - self.there) / speed) if speed else "?"
        line = f"Making up leads: {self.there:,} of {self.whole:,} · {speed:,.0f} a second · {left} left"
        click.echo(f"\r{line}\033[K" if sys.stdout.isatty() else line, nl=not sys.stdout.isatty())

    def end(self) -> None:
        seconds = time.monotonic() - self.began
        if self.made:
            line = f"Made up {self.made:,} leads in {_spoken(seconds)} ({self.made / seconds:,.0f} a second)."
            click.echo(f"\r{line}\033[K" if sys.stdout.isatty() else line)


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds > 90 else f"{seconds:.0f} s"


WIDE_ENOUGH = 140  # for the secrets; a narrow terminal finds them in the file
COLUMNS = ("Name", "Role", "E-mail address", "Password", "Code now", "Secret for an app that makes codes")


def show_accounts(record: Record) -> None:
    """A table for each company, with the three to begin with on top."""
    accounts = record.accounts
    click.echo()
    _table("Begin with these: an agent, her manager, an admin", record, accounts[:3])
    for company, members in groupby(accounts[3:], key=lambda account: account.company):
        _table(company, record, members)
    click.echo("Codes change every 30 seconds: `leadcrm demo --codes` prints new ones, or add a secret to an app.")
    click.echo("The secrets are in instance/demo.json too.")


def _table(title: str, record: Record, accounts: Iterable[Account]) -> None:
    rows: list[tuple[str, ...]] = [COLUMNS]
    for each in accounts:
        known = record.known[each.email]
        code = pyotp.TOTP(known.totp_secret).now()
        rows.append((each.name, each.role.en, each.email, known.password, code, known.totp_secret))
    if sys.stdout.isatty() and shutil.get_terminal_size().columns < WIDE_ENOUGH:
        rows = [row[:-1] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    click.secho(title, bold=True)
    for number, row in enumerate(rows):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.secho(f"  {line}".rstrip(), dim=number == 0)
    click.echo()


def _welcome(config: Config) -> None:
    authority = "" if config.tls_certificate else f" (the certificate is our own: trust {config.instance}/tls/ca.pem)"
    click.secho(f"leadcrm is running at {config.base_url}{authority}. Ctrl-C stops it.", bold=True)
