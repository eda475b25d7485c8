"""`leadcrm audit`: anchor, verify and export the trail."""

import sys
from pathlib import Path

import click

from leadcrm.core import audit as core_audit
from leadcrm.core.db import PLATFORM_ID
from leadcrm.core.jobs import maintenance
from leadcrm.trail.services import anchors, exporting
from leadcrm.trail.verify import told


@click.group()
def audit() -> None:
    """The audit trail: whether it holds, and as files for who verifies it elsewhere."""


@audit.command()
@click.option("--public-key", type=click.Path(path_type=Path, exists=True), help="Yours, instead of the instance's.")
def verify(public_key: Path | None) -> None:
    """Check every line, chain and anchor. The exit code is 1 when anything was changed, removed or forged."""
    with maintenance("the audit trail is verified"):
        if not (public_key or anchors.folder() / anchors.PUBLIC).exists():  # before the first hour has passed
            anchors.write_anchor()
        verifier = exporting.verify(public_key)
    click.echo(told(verifier))
    sys.exit(bool(verifier.problems))


@audit.command()
def anchor() -> None:
    """Sign the ends of all chains now; workers do so every hour."""
    with maintenance("the audit trail is anchored by command"):
        written = anchors.write_anchor()
    click.echo(f"Anchor {written.number}: {written.chains} chains moved since the one before.")


@audit.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def export(folder: Path) -> None:
    """Write every line, the heads and the anchors to FOLDER, for `python -m leadcrm.trail.verify`."""
    with maintenance("the audit trail is exported"):
        count = exporting.export(folder)
        core_audit.note("exported", company_id=PLATFORM_ID, subject="core_audit_line", rows=count)
    click.echo(f"{count} lines are in {folder}.")


@audit.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def keys(file: Path) -> None:
    """Write the MAC keys of all chains to FILE: who has them can forge lines, keep them as you keep instance/keys."""
    with maintenance("the keys of the audit trail are exported"):
        count = exporting.export_keys(file)
        core_audit.note("keys exported", company_id=PLATFORM_ID, subject="core_audit_head", chains=count)
    click.echo(f"The keys of {count} chains are in {file}.")
