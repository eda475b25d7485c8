"""`leadcrm annex` prints what the instance can prove now; `leadcrm updated` records an update (A18)."""

from pathlib import Path

import click
from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select

from leadcrm.annex.checks import UPDATED
from leadcrm.annex.models import Version
from leadcrm.annex.services import documents, measuring, writing
from leadcrm.annex.views.drawing import pdf_of
from leadcrm.auth.models.people import Company
from leadcrm.core import audit
from leadcrm.core.config import current_config
from leadcrm.core.db import PLATFORM_ID, now, session
from leadcrm.core.doctor.examining import examine_app
from leadcrm.core.fields.language import speaking
from leadcrm.core.jobs import maintenance
from leadcrm.core.paper import NoPdf

LONGEST_NOTE = 500
NAMED_BY_US = "-"


@click.command()
@click.option("--lang", "language", type=click.Choice(["nl", "en"]), help="Otherwise the configured language.")
@click.option(
    "--pdf", type=click.Path(dir_okay=False, path_type=Path), is_flag=False, flag_value=Path(NAMED_BY_US),
    help="Write a PDF instead, to this file; without a name one that tells the language and the day.",
)  # fmt: skip
@click.option("--company", "slug", metavar="SLUG", help="As this company gets it; otherwise the platform's.")
@click.option("--keep", is_flag=True, help="Keep it as a dated version.")
@click.option("--versions", is_flag=True, help="Only list the versions that are kept.")
def annex(language: str | None, pdf: Path | None, slug: str | None, keep: bool, versions: bool) -> None:
    """Measure now and print the security annex: every clause with its state and what shows it."""
    chosen = language or current_config().language
    with maintenance("the annex is about the whole instance"):
        company = _company(slug)
        if versions:
            click.echo("\n".join(_listed(company)) or "There are none.")
            return
        measuring.keep(examine_app(current_app, current_config()))
        content = documents.keep(company).content if keep else documents.current(company)
    with force_locale(chosen), speaking(chosen):
        if pdf is None:
            click.echo(writing.as_text(content, chosen), nl=False)
            return
        pdf = Path(f"annex-{chosen}-{now():%Y-%m-%d}.pdf") if str(pdf) == NAMED_BY_US else pdf
        try:
            pdf.write_bytes(pdf_of(content, chosen))
        except NoPdf as problem:
            raise click.ClickException(str(problem)) from problem
        click.echo(f"Written to {pdf}.")


def _company(slug: str | None) -> Company:
    wanted = Company.id == PLATFORM_ID if slug is None else Company.slug == slug
    found = session.scalars(select(Company).where(wanted)).one_or_none()
    if found is None:
        known = ", ".join(session.scalars(select(Company.slug).order_by(Company.slug)))
        raise click.ClickException(f"no company is called {slug}; there are: {known}")
    return found


def _listed(company: Company) -> list[str]:
    kept = session.scalars(select(Version).where(Version.company_id == company.id).order_by(Version.number))
    return [f"{each.number:>4}  {each.made_at:%Y-%m-%d %H:%M}  {each.digest.hex()}"
            f"{'' if documents.is_unchanged(each) else '  CHANGED'}" for each in kept]  # fmt: skip


@click.command()
@click.argument("note")
def updated(note: str) -> None:
    """Record that system and program were updated, in your own words (no names of clients)."""
    words = " ".join(note.split())
    if not 3 <= len(words) <= LONGEST_NOTE:
        raise click.ClickException(f"say in 3 to {LONGEST_NOTE} characters what was updated")
    with maintenance("somebody with access to the server recorded an update"):
        audit.note(UPDATED, company_id=PLATFORM_ID, subject="system", note=words)
    click.echo("Recorded.")
