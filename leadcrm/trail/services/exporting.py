"""The whole trail as files, for who verifies it elsewhere; and verified here."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from leadcrm.core.audit import AuditLine
from leadcrm.core.crypto import keyring, write_private
from leadcrm.core.db import session
from leadcrm.trail.services import anchors
from leadcrm.trail.verify import Verifier

AT_A_TIME = 5_000
Heads = dict[str, tuple[int, str]]


def snapshot() -> tuple[list[str], Heads]:
    """The anchors and the ends of the chains at one moment: while we hold the file nobody anchors."""
    with anchors.opened() as file:
        return file.read().decode().splitlines(), anchors.heads()


def lines_up_to(heads: Heads) -> Iterator[dict[str, Any]]:
    """Every line in order. What was written since the heads were read is left for the next time."""
    line = AuditLine
    wanted = select(
        line.company_id, line.seq, line.at, line.actor_id, line.action, line.subject, line.row_id, line.body, line.mac
    ).order_by(line.company_id, line.seq)
    for row in session.execute(wanted.execution_options(yield_per=AT_A_TIME)):
        company = str(row.company_id)
        if company not in heads or row.seq <= heads[company][0]:
            yield as_text(row, company)


def as_text(row: Any, company: str) -> dict[str, Any]:
    return {
        "company": company, "seq": row.seq, "at": row.at.isoformat(), "action": row.action, "subject": row.subject,
        "actor_id": str(row.actor_id) if row.actor_id else None, "row_id": str(row.row_id) if row.row_id else None,
        "body": row.body, "mac": bytes(row.mac).hex(),
    }


class MacKeys(dict[str, bytes]):
    """The key of each company's chain, derived when it is asked for."""

    def get(self, company: str, _default: Any = None) -> Any:
        return self.setdefault(company, mac_key(company))


def mac_key(company: str) -> bytes:
    return keyring().derived("audit", UUID(company))


def verify(public_key: Path | None = None) -> Verifier:
    """The database against its MACs, its anchors and its heads."""
    known, heads = snapshot()
    place = public_key or anchors.folder() / anchors.PUBLIC
    verifier = Verifier(base64.b64decode(place.read_bytes()), MacKeys())
    verifier.take_anchors(known)
    verifier.take_lines(lines_up_to(heads))
    verifier.take_heads(heads)
    return verifier


def export(folder: Path) -> int:
    """lines.jsonl, heads.json and anchors.jsonl, for nobody else to read. How many lines."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    known, heads = snapshot()
    write_private(folder / "anchors.jsonl", "".join(f"{line}\n" for line in known).encode())
    write_private(folder / "heads.json", json.dumps(heads).encode())
    write_private(folder / "lines.jsonl", b"")
    with (folder / "lines.jsonl").open("a", encoding="utf-8") as file:
        return sum(bool(file.write(json.dumps(line, ensure_ascii=False) + "\n")) for line in lines_up_to(heads))


def export_keys(place: Path) -> int:
    """The MAC keys of all chains: who has them can forge lines, so they belong to who verifies and nobody else."""
    keys = {company: mac_key(company).hex() for company in anchors.heads()}
    write_private(place, json.dumps(keys).encode())
    return len(keys)
