"""`leadcrm intake mail`: a mail that the mail server hands over becomes an arrival."""

import sys

import click
from sqlalchemy import func, select

from leadcrm.auth.models.people import Company
from leadcrm.core.db import session
from leadcrm.core.jobs import defer, maintenance
from leadcrm.intake import jobs
from leadcrm.intake.models.inlet import Inlet
from leadcrm.intake.models.terms import Way
from leadcrm.intake.services import letters, polling
from leadcrm.leads.models.source import Source

TEMPFAIL = 75  # of sysexits.h: the mail server keeps the mail and tries again


@click.group(short_help="Leads that arrive by themselves.")
def intake() -> None:
    """Leads that arrive by themselves."""


@intake.command()
@click.option("--company", required=True, help="The short name of the company.")
@click.option("--source", required=True, help="The key of the lead source.")
def mail(company: str, source: str) -> None:
    """Read one mail from standard input; end with 0 once it is stored, so that the mail server may forget it.

    In an alias file: "|leadcrm intake mail --company my-office --source website"
    """
    raw = sys.stdin.buffer.read(letters.LARGEST_MAIL + 1)
    if not raw.strip() or len(raw) > letters.LARGEST_MAIL:
        raise click.ClickException("There is no mail on standard input, or it is too large.")
    with maintenance("a mail that was handed over becomes a lead"):
        inlet = _inlet(company, source)
        if inlet is None:
            click.echo("No such company and source, or it takes no leads now.", err=True)
            sys.exit(TEMPFAIL)
        stored = polling.put(inlet.company_id, inlet.id, Way.PIPE, letters.read(raw), letters.mark_of(raw))
        if stored:
            defer(jobs.take_in, lock="intake", once="intake")
    click.echo("Stored." if stored else "This mail arrived before.")


def _inlet(company: str, source: str) -> Inlet | None:
    asked = (
        select(Inlet)
        .join(Source, (Source.company_id == Inlet.company_id) & (Source.id == Inlet.source_id))
        .join(Company, Company.id == Inlet.company_id)
        .where(Company.slug == company, Company.active, Source.active, Inlet.active)
        .where(func.lower(Source.key) == source.lower())
    )
    found: Inlet | None = session.scalars(asked).one_or_none()
    return found
