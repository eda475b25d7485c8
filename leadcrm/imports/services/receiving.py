"""Taking in a file: read completely before anything is stored, so that what is refused leaves nothing behind."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, islice
from uuid import uuid4

from sqlalchemy import select

from leadcrm.core import audit
from leadcrm.core.crypto import keyring
from leadcrm.core.db import session
from leadcrm.core.scope import Viewer
from leadcrm.imports.models import Import, Template
from leadcrm.imports.services import chunks
from leadcrm.imports.services.layout import Row, Table
from leadcrm.imports.services.mapping import Mapping
from leadcrm.imports.services.reading import guarded, read
from leadcrm.imports.services.suggest import SAMPLE, apply_template, fits_template, suggest


@dataclass
class Counted:
    """Rows on their way to be stored, with a count of the citizen service numbers left out."""

    masked: int = 0

    def rows(self, table: Table) -> Iterator[Row]:
        for row, masked in guarded(table):
            self.masked += masked
            yield row


def receive(viewer: Viewer, filename: str, content: bytes) -> Import:
    """A new import, ready for its columns to be mapped. Raises Invalid when the file is no table."""
    table = read(content)
    counted = Counted()
    rows = counted.rows(table)
    first = list(islice(rows, SAMPLE))
    ident = uuid4()
    taken = Import(
        company_id=viewer.company_id, id=ident, user_id=viewer.user_id, filename=shown_name(filename),
        fingerprint=fingerprint(viewer, content), layout=table.layout.as_json(), titles=table.titles,
        mapping=first_mapping(table, first).as_json(),
    )  # fmt: skip
    session.add(taken)
    session.flush()
    taken.rows = chunks.write(viewer.company_id, ident, chain(first, rows))
    taken.masked = counted.masked
    audit.note("received", taken, lines=taken.rows, masked=taken.masked)
    return taken


def first_mapping(table: Table, rows: list[Row]) -> Mapping:
    """The newest template that fits, else a suggestion."""
    for template in session.scalars(select(Template).order_by(Template.updated_at.desc())):
        kept = Mapping.from_json(template.mapping)
        if fits_template(kept, table.titles):
            return apply_template(kept, table.titles)
    return suggest(table.titles, [cells for _line, cells in rows], table.layout.decimal)


def shown_name(filename: str) -> str:
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in name if letter.isprintable())[-200:].strip() or "import"


def fingerprint(viewer: Viewer, content: bytes) -> int:
    """Recognises the same file within the company; says nothing about it to anybody without the key."""
    return keyring().blind_index(viewer.company_id, "imports_import.fingerprint", sha256(content).hexdigest())
