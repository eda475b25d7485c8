"""`leadcrm import`: a file of leads from the command line, by the same steps as the wizard."""

import os
import time
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import click
from flask import Flask, current_app
from sqlalchemy import select

from leadcrm.auth.models.people import Company, User
from leadcrm.auth.permissions import Role
from leadcrm.core.db import PLATFORM_ID, database, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.fields.language import speaking
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import Everything, Viewer, viewing_as
from leadcrm.imports.models import Import, OnDuplicate, OnProblem, State, Template
from leadcrm.imports.permissions import Imports
from leadcrm.imports.queries.progress import Progress, progress_of
from leadcrm.imports.services import running, steering
from leadcrm.imports.services.mapping import Column, Mapping
from leadcrm.imports.services.receiving import receive
from leadcrm.imports.services.suggest import apply_template
from leadcrm.imports.services.targets import targets

TICK = 0.5  # seconds between looks at how far it is


@click.command("import", short_help="Import leads from a CSV or Excel file.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "email", metavar="EMAIL", help="Whose leads they become; else the first company manager's.")
@click.option("--template", metavar="NAME", help="Map the columns as in this kept template.")
@click.option("--map", "mapped", multiple=True, metavar="COLUMN=FIELD", help="Where a column goes.")
@click.option("--set", "fixed", multiple=True, metavar="FIELD=VALUE", help="For lines that do not say it.")
@click.option("--skip-flawed", is_flag=True, help="Skip a whole line for one bad cell, instead of that cell alone.")
@click.option("--duplicates", is_flag=True, help="Import duplicates too.")
@click.option("--check", "only_check", is_flag=True, help="Say what would be imported, and import nothing.")
@click.option("--slices", default=2, show_default=True, type=click.IntRange(1, 16), help="How many processes at once.")
def import_(file: Path, email: str | None, template: str | None, mapped: tuple[str, ...], fixed: tuple[str, ...],
            skip_flawed: bool, duplicates: bool, only_check: bool, slices: int) -> None:  # fmt: skip
    """Import leads from a CSV or Excel FILE; the columns are recognised as in the wizard and can be mapped here.

    Fields are named as in `applicant.email` or `income.gross_year*12` (times 12, 1000 or 12000).
    """
    viewer = _importer(email)
    click.echo(f"Importing as {viewer.name} <{viewer.email}>, {viewer.role} of {viewer.company_name}.")
    with viewing_as(viewer), speaking("en"):
        try:
            ident = _received(viewer, file, template, mapped, fixed)
            _checked(ident)
            if not only_check:
                on_problem = OnProblem.SKIP if skip_flawed else OnProblem.LEAVE_OUT
                _run(viewer, ident, on_problem, OnDuplicate.IMPORT if duplicates else OnDuplicate.SKIP, slices)
        except Invalid as problem:
            raise click.ClickException(str(problem)) from problem


def _importer(email: str | None) -> Viewer:
    """The person with this address, else the first manager of the first company."""
    with viewing_as(Everything("find whom an import from the command line is for")):
        people = select(User).where(User.active.is_(True), User.company_id != PLATFORM_ID)
        if email:
            people = people.where(User.email == email.strip().lower())
        else:
            people = people.join(Company, Company.id == User.company_id).where(User.role == Role.MANAGER)
            people = people.order_by(Company.created_at, User.created_at, User.id)
        user = session.scalars(people.limit(1)).first()
        found = (user.company_id, user.id) if user else None
        session.rollback()
    viewer = cast(Viewer | None, current_app.extensions["viewer_loader"](*found)) if found else None
    if viewer is None or not viewer.can(Imports.RUN):
        raise click.ClickException(f"{email or 'A company manager'} was not found, or may not import. Use --as EMAIL.")
    session.rollback()
    return viewer


def _received(viewer: Viewer, file: Path, template: str | None, mapped: Sequence[str], fixed: Sequence[str]) -> UUID:
    began = time.perf_counter()
    taken = receive(viewer, file.name, file.read_bytes())
    mapping = Mapping.from_json(taken.mapping)
    if template is not None:
        kept = session.scalars(select(Template).where(Template.name == template)).first()
        if kept is None:
            raise Invalid(f"There is no template named {template}.")
        mapping = apply_template(Mapping.from_json(kept.mapping), taken.titles)
    _map(mapping, mapped, fixed)
    taken.mapping = mapping.as_json()
    click.echo(f"Read {taken.rows:,} lines with {len(taken.titles)} columns in {time.perf_counter() - began:.1f} s.")
    for title, column in mapping.columns.items():
        times = f"*{column.times}" if column.times > 1 else ""
        click.echo(f"  {title} = {column.target}{times}" if column.target else f"  {title} (left out)")
    for key, value in mapping.fixed.items():
        click.echo(f"  otherwise {key} = {value}")
    missing = [target.key for target in mapping.missing()]
    if missing:
        raise Invalid(f"Needed but not in the file: {', '.join(missing)}. Give a value with --set FIELD=VALUE.")
    ident = taken.id
    checkpoint()
    return ident


def _map(mapping: Mapping, mapped: Sequence[str], fixed: Sequence[str]) -> None:
    for pair in mapped:
        title, _equals, key = pair.rpartition("=")
        key, _star, times = key.partition("*")
        if title not in mapping.columns:
            raise Invalid(f"There is no column {title!r}.")
        mapping.columns[title] = Column(_field(key), int(times) if times.isdigit() else 1) if key else Column()
    for pair in fixed:
        key, _equals, value = pair.partition("=")
        mapping.fixed[_field(key)] = value


def _field(key: str) -> str:
    if key not in targets():
        raise Invalid(f"There is no field {key!r}. For example: {', '.join(list(targets())[:4])}.")
    return key


def _checked(ident: UUID) -> None:
    began = time.perf_counter()
    taken = _the(ident)
    steering.begin_check(taken)
    checkpoint()
    running.check(ident)
    found = progress_of(_the(ident))
    click.echo(
        f"Checked in {time.perf_counter() - began:.1f} s: {found.clean:,} good, {found.flawed:,} with a bad cell, "
        f"{found.fatal:,} unusable, {found.duplicate:,} duplicates."
    )


def _run(viewer: Viewer, ident: UUID, on_problem: OnProblem, on_duplicate: OnDuplicate, slices: int) -> None:
    steering.begin(_the(ident), on_problem, on_duplicate)
    checkpoint()
    began = time.perf_counter()
    _in_processes(viewer, ident, slices)
    seconds = time.perf_counter() - began
    found = progress_of(_the(ident))
    click.echo(
        f"Imported {found.imported:,} leads of {found.lines:,} lines in {seconds:.1f} s: "
        f"{found.done_lines / seconds:,.0f} rows per second with {slices} processes."
    )
    if _the(ident).state != State.DONE:
        raise click.ClickException("The import did not end well; see the log, and /leads/import to go on or undo it.")


def _in_processes(viewer: Viewer, ident: UUID, slices: int) -> None:
    app = cast(Any, current_app)._get_current_object()
    session.rollback()
    context = get_context("fork")
    children: list[BaseProcess] = [
        context.Process(target=_slice, args=(app, viewer, ident), daemon=True) for _number in range(slices)
    ]
    for child in children:
        child.start()
    while any(child.is_alive() for child in children):
        children[0].join(TICK)
        _show(progress_of(_the(ident)))
        session.rollback()
    click.echo("\r\x1b[K" if os.isatty(1) else "", nl=False)


def _slice(app: Flask, viewer: Viewer, ident: UUID) -> None:
    """In a child: connections of its own."""
    with app.app_context():
        database().forked()
        with viewing_as(viewer), speaking("en"):
            running.run_slice(ident)


def _show(found: Progress) -> None:
    if os.isatty(1):
        click.echo(f"\r{found.done_lines:,} of {found.lines:,} lines", nl=False)


def _the(ident: UUID) -> Import:
    taken: Import | None = session.get(Import, ident)
    if taken is None:
        raise click.ClickException("The import has been thrown away in the meantime.")
    return taken
