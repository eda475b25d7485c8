"""`leadcrm figures`: working out anew what figures rest on."""

import click

from leadcrm.core.jobs import maintenance
from leadcrm.figures.services import reach


@click.group("figures", short_help="What figures rest on.")
def figures() -> None:
    """What figures rest on."""


@figures.command("rebuild")
def rebuild() -> None:
    """Work out anew how far every lead ever came, from the moves in its timeline.

    Never needed while leads move through leadcrm itself: a trigger keeps it up, imports and demo data included.
    """
    with maintenance("how far each lead of each company came, worked out anew"):
        changed = reach.rebuild()
    click.echo(f"{changed} leads corrected.")
