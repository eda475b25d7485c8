"""A file of leads through the importer with two slices at once, into the full table, and out again."""

import csv
import os
import re
import secrets
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from leadcrm.core.config import PREFIX, ROOT
from leadcrm.core.db import session
from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import Viewer, viewing_as
from leadcrm.demo.services.households import World, households
from leadcrm.demo.services.offices import offices
from leadcrm.imports.models import Import
from leadcrm.imports.services.steering import begin_undo
from leadcrm.imports.services.undoing import undo
from tests.bench.instance import Bench
from tests.bench.statements import viewer_of

LINES = 20_000
SPEED = re.compile(r"([\d,]+) rows per second")
TITLES = {
    "applicant.initials": "Voorletters",
    "applicant.first_names": "Voornamen",
    "applicant.infix": "Tussenvoegsel",
    "applicant.birth_name": "Achternaam",
    "applicant.birth_date": "Geboortedatum",
    "applicant.email": "E-mail",
    "applicant.phone": "Telefoon",
    "applicant.postcode": "Postcode",
    "applicant.house_number": "Huisnummer",
    "applicant.street": "Straat",
    "applicant.city": "Plaats",
    "income.gross_year": "Bruto jaarinkomen",
    "property.market_value": "Marktwaarde",
    "wish.mortgage_amount": "Hypotheekbedrag",
}


def rows_per_second(bench: Bench) -> float:
    """People nobody has seen before, so that every duplicate check looks and finds nothing; they go again."""
    file = bench.config.instance / "bench-import.csv"
    _write(file)
    arguments = [str(file), "--as", bench.meg.email, "--slices", "2"]
    for key, title in TITLES.items():
        arguments += ["--map", f"{title}={key}"]
    ours = {f"{PREFIX}INSTANCE": str(bench.config.instance)}
    command = [sys.executable, "-m", "leadcrm.cli", "import", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | ours, capture_output=True, text=True, check=False)
    file.unlink()
    speed = SPEED.search(done.stdout)
    if speed is None:
        raise RuntimeError(f"the import failed: {done.stdout}{done.stderr}")
    _undo(viewer_of(bench.meg))
    return float(speed[1].replace(",", ""))


def _undo(viewer: Viewer) -> None:
    """So that the next run finds as many leads as this one."""
    with viewing_as(viewer):
        taken = session.scalars(select(Import).order_by(Import.created_at.desc()).limit(1)).one()
        ident = taken.id
        begin_undo(taken)
        checkpoint()
        undo(ident)
        checkpoint()


def _write(file: Path) -> None:
    world = World(secrets.token_hex(8), datetime.now(OFFICE), {})
    made = households(world, offices(world.seed)[0], range(LINES), LINES)
    with file.open("w", newline="", encoding="utf-8") as target:
        lines = csv.writer(target, delimiter=";")
        lines.writerow(TITLES.values())
        for household in made:
            parts = {
                "applicant": household.persons[0],
                "income": household.incomes[0],
                "property": household.property,
                "wish": household.wish,
            }
            lines.writerow(_cell(parts, key) for key in TITLES)


def _cell(parts: dict[str, dict[str, object]], key: str) -> object:
    part, _dot, name = key.partition(".")
    value = parts[part].get(name)
    in_cents = name in ("gross_year", "market_value", "mortgage_amount")
    return value // 100 if in_cents and isinstance(value, int) else value
