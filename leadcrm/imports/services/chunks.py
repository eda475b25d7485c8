"""The lines of a file, sealed by the hundred, and what stays of them."""

import json
import zlib
from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

from leadcrm.core import bulk
from leadcrm.core.crypto import Place, keyring
from leadcrm.core.db import session
from leadcrm.imports.models import Chunk
from leadcrm.imports.services.layout import Row

SMALL, LARGE, SMALL_ONES = 200, 1_000, 10  # small ones first, so that a small file shows progress too


def place_of(company_id: UUID, chunk_id: UUID) -> Place:
    return Place("imports_chunk", "sealed", company_id, chunk_id)


def seal(company_id: UUID, chunk_id: UUID, rows: Sequence[Row]) -> bytes:
    packed = zlib.compress(json.dumps(rows, ensure_ascii=True, separators=(",", ":")).encode("ascii"), level=1)
    return keyring().seal(packed, place_of(company_id, chunk_id))


def open_rows(chunk: Chunk) -> list[Row]:
    if chunk.sealed is None:
        return []
    packed = keyring().open(chunk.sealed, place_of(chunk.company_id, chunk.id))
    return [(line, cells) for line, cells in json.loads(zlib.decompress(packed))]


def write(company_id: UUID, import_id: UUID, rows: Iterator[Row]) -> int:
    """Seals and stores all lines; returns their number."""
    total, batch = 0, []
    for number, some in enumerate(_cut(rows)):
        ident = uuid4()
        sealed = seal(company_id, ident, some)
        batch.append({
            "company_id": company_id, "id": ident, "import_id": import_id, "number": number, "lines": len(some),
            "sealed": sealed,
        })  # fmt: skip
        total += len(some)
    bulk.write(session, Chunk, batch)
    return total


def _cut(rows: Iterator[Row]) -> Iterator[list[Row]]:
    some: list[Row] = []
    count = 0
    for row in rows:
        some.append(row)
        if len(some) == (SMALL if count < SMALL_ONES else LARGE):
            yield some
            some, count = [], count + 1
    if some:
        yield some


def keep_only(chunk: Chunk, rows: Sequence[Row]) -> None:
    """What was imported lives on as leads; only the other lines are still needed, to be given back."""
    chunk.sealed = seal(chunk.company_id, chunk.id, rows) if rows else None
