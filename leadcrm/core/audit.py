"""What happened, by whom: append-only, chained with a keyed MAC per company, written in the same transaction.

Columns marked audited are followed by themselves; note() adds what no column shows (a value revealed, a bulk change).
Lines are gathered during the transaction and appended last, just before the commit: the chain's head is locked for as
short as possible. Personal values never stand in a line: it points at a sealed row, which erasure can drop without
breaking the chain. When the lines cannot be written, the commit fails.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Index,
    LargeBinary,
    Text,
    Uuid,
    and_,
    event,
    func,
    inspect,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session

from leadcrm.core.crypto import Place, keyring
from leadcrm.core.db import PLATFORM_ID, Base, CrmSession, now, session
from leadcrm.core.fields.facts import Boxed, Category, Facts, facts_of, technical
from leadcrm.core.fields.sealed import Sealed
from leadcrm.core.scope import Everything, NoViewer, Scope, Scoped, Viewer, current_viewer

# What an admin sees of other companies' chains: lines about tables of these plugins, and these deeds whatever about.
SECURITY_PARTS = ("addresses", "admin", "annex", "auth", "core", "deploy", "keys", "mailboxes", "trail", "watch")
SECURITY = ("revealed", "exported", "downloaded", "refused", "refused many times")


class AuditHead(Base):
    """The end of each company's chain. Only the definer functions touch it."""

    __tablename__ = "core_audit_head"

    company_id: Mapped[UUID] = technical(Uuid(), primary_key=True)
    seq: Mapped[int] = technical(BigInteger())
    mac: Mapped[bytes] = technical(LargeBinary())


class AuditLine(Scoped, Base):
    """One thing that happened. `body` is the canonical text that the MAC covers; the columns are for finding it."""

    __tablename__ = "core_audit_line"
    __table_args__ = (Index(None, "company_id", "at"), Index(None, "company_id", "row_id", "at"))
    may = "SELECT"

    company_id: Mapped[UUID] = technical(Uuid(), primary_key=True)
    seq: Mapped[int] = technical(BigInteger(), primary_key=True)
    at: Mapped[datetime] = technical(DateTime(timezone=True), nl="Tijd", en="Time", category=Category.SECURITY)
    actor_id: Mapped[UUID | None] = technical(Uuid(), nl="Wie", en="Who", category=Category.SECURITY, personal=True)
    action: Mapped[str] = technical(Text(), nl="Handeling", en="Action", category=Category.SECURITY)
    subject: Mapped[str] = technical(Text(), nl="Onderwerp", en="Subject", category=Category.SECURITY)
    row_id: Mapped[UUID | None] = technical(Uuid(), category=Category.SECURITY)
    body: Mapped[str] = technical(Text(), category=Category.SECURITY)
    mac: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Managers and auditors see their company's chain; admins their own, and of companies what is security."""
        match viewer.scope:
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case Scope.NONE:
                security = or_(func.split_part(cls.subject, "_", 1).in_(SECURITY_PARTS), cls.action.in_(SECURITY))
                ours = literal(PLATFORM_ID, Uuid()) == viewer.company_id
                return or_(cls.company_id == viewer.company_id, and_(ours, security))
            case _:
                return super().visible_to(viewer)


class AuditValue(Base):
    """Old and new of a personal value, sealed. Only the definer function adds; erasure removes."""

    __tablename__ = "core_audit_value"

    company_id: Mapped[UUID] = technical(Uuid(), primary_key=True)
    id: Mapped[UUID] = technical(Uuid(), primary_key=True)
    sealed: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY, personal=True, boxed=Boxed())


@dataclass
class Line:
    """A line that waits for the end of the transaction."""

    action: str
    subject: str
    row_id: UUID | None
    details: dict[str, Any]
    at: datetime = field(default_factory=now)
    values: dict[UUID, str] = field(default_factory=dict)  # personal values by the id that details name


def note(action: str, row: Any = None, *, company_id: UUID | None = None, subject: str = "", **details: Any) -> None:
    """Add a line about a row (or about `subject`). Details must hold no personal value."""
    company = company_id or getattr(row, "company_id", None) or current_viewer().company_id or PLATFORM_ID
    line = Line(action, subject or getattr(row, "__tablename__", ""), getattr(row, "id", None), details)
    _waiting(session)[company].append(line)


def note_values(action: str, row: Any, changes: Mapping[str, tuple[bool, str | None, str | None]]) -> None:
    """Values that no column shows by itself: by name whether it is personal, what it was and what it is."""
    line = Line(action, row.__tablename__, row.id, {"changes": {}})
    for name, (personal, was, is_now) in changes.items():
        line.details["changes"][name] = _pair_of(line, personal, [was, is_now])
    _waiting(session)[row.company_id].append(line)


def _pair_of(line: Line, personal: bool, pair: list[str | None]) -> Any:
    """As it stands in the line: a personal one is sealed beside it."""
    if not personal:
        return pair
    reference = uuid4()
    line.values[reference] = json.dumps(pair)
    return {"value": str(reference)}


def _waiting(of: Any) -> dict[UUID, list[Line]]:
    waiting: dict[UUID, list[Line]] = of.info.setdefault("audit", defaultdict(list))
    return waiting


@event.listens_for(CrmSession, "before_flush")
def follow_audited_columns(of: Session, _flush: object, _instances: object) -> None:
    for action, rows in (("created", of.new), ("changed", of.dirty), ("deleted", of.deleted)):
        for row in rows:
            audited = [facts for facts in facts_of(type(row)).values() if facts.audited]
            if audited:
                _follow(of, action, row, audited)


def _follow(of: Session, action: str, row: Any, audited: list[Facts]) -> None:
    line = Line(action, row.__tablename__, row.id, {})
    for facts in audited:
        history = inspect(row).attrs[facts.name].history
        was = history.deleted or (history.unchanged if action == "deleted" else ())
        old = was[0] if was else None
        new = None if action == "deleted" else (history.added[0] if history.added else None)
        if old != new and (action == "deleted" or history.has_changes()):
            line.details[facts.name] = _recorded(facts, line, old, new)
    if line.details or action != "changed":
        _waiting(of)[row.company_id].append(line)


def follow_many(model: Any, rows: Iterable[Any], values: Mapping[str, Any]) -> None:
    """What the flush does for one row, for rows (with company_id, id and the audited columns as they were) that were
    all given these values at once. Called by core.bulk alone."""
    audited = [facts for name, facts in facts_of(model).items() if facts.audited and name in values]
    for row in rows if audited else ():
        line = Line("changed", model.__tablename__, row.id, {})
        for facts in audited:
            old, new = getattr(row, facts.name), values[facts.name]
            if old != new:
                line.details[facts.name] = _recorded(facts, line, old, new)
        if line.details:
            _waiting(session)[row.company_id].append(line)


def created_many(model: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """What the flush does for new rows, for rows that core.bulk wrote and that each must have a line of their own."""
    audited = [facts for facts in facts_of(model).values() if facts.audited]
    for row in rows:
        line = Line("created", model.__tablename__, row["id"], {})
        for facts in audited:
            if row.get(facts.name) is not None:
                line.details[facts.name] = _recorded(facts, line, None, row[facts.name])
        _waiting(session)[row["company_id"]].append(line)


def _recorded(facts: Facts, line: Line, old: Any, new: Any) -> Any:
    return _pair_of(line, facts.personal, [_text(facts, old), _text(facts, new)])


def _text(facts: Facts, value: Any) -> str | None:
    if isinstance(value, Sealed):
        value = value.plain  # an old value still in its box stays there: None, the row above it holds it
    if value is None:
        return None
    return facts.kind.dump(value) if facts.kind else str(value)


@event.listens_for(CrmSession, "after_rollback")
def forget_waiting(of: Session) -> None:
    """What did not happen leaves no line."""
    of.info.pop("audit", None)


@event.listens_for(CrmSession, "before_commit")
def append_waiting(of: Session) -> None:
    of.flush()
    waiting = of.info.pop("audit", None)
    for company, lines in sorted((waiting or {}).items()):  # always in one order: two companies never deadlock
        _append(of, company, lines)


def _append(of: Session, company: UUID, lines: list[Line]) -> None:
    head = func.core_audit_head(company).table_valued("seq", "mac")
    seq, mac = of.execute(select(head)).one()
    rows, values = [], []
    for line in lines:
        seq += 1
        row = _chained(company, seq, bytes(mac), line)
        mac = row["mac_bytes"]
        rows.append({key: value for key, value in row.items() if key != "mac_bytes"})
        values += [_sealed(company, reference, text) for reference, text in line.values.items()]
    of.execute(select(func.core_audit_append(company, literal(rows, JSONB()), literal(values, JSONB()))))


def _actor() -> tuple[str | None, str]:
    try:
        viewer = current_viewer()
    except NoViewer:
        return None, "nobody"  # somebody on the way in; the line says who
    if isinstance(viewer, Everything):
        return None, viewer.reason
    return str(viewer.user_id), viewer.role


def _chained(company: UUID, seq: int, previous: bytes, line: Line) -> dict[str, Any]:
    actor_id, actor = _actor()
    row: dict[str, Any] = {
        "seq": seq,
        "at": line.at.isoformat(),
        "actor_id": actor_id,
        "action": line.action,
        "subject": line.subject,
        "row_id": str(line.row_id) if line.row_id else None,
    }
    body = canonical(row | {"company": str(company), "as": actor, "details": line.details})
    mac = chain_mac(company, previous, body)
    return row | {"body": body, "mac": mac.hex(), "mac_bytes": mac}


def canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def chain_mac(company: UUID, previous: bytes, body: str) -> bytes:
    """The link of the chain: keyed, so that who can write the table still cannot recompute it."""
    key = keyring().derived("audit", company)
    return blake2b(previous + body.encode(), key=key, digest_size=32).digest()


def _sealed(company: UUID, reference: UUID, text: str) -> dict[str, str]:
    box = keyring().seal(text.encode(), Place("core_audit_value", "sealed", company, reference))
    return {"id": str(reference), "sealed": box.hex()}
