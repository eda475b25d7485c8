"""The annex as data: for one company, or for the platform with the exceptions of all companies by name."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from leadcrm.annex.models import Dispatch, Measurement, Supplier, Version
from leadcrm.annex.services.judging import Judged, Seen, Spoken, judge
from leadcrm.annex.services.measuring import EXEMPT
from leadcrm.auth.models.people import Company, User
from leadcrm.auth.permissions import Role
from leadcrm.core import audit, outbox
from leadcrm.core.db import PLATFORM_ID, now, session

Content = dict[str, Any]


def current(company: Company) -> Content:
    """What the annex says now. The platform's own company is told every exception, with the company's name."""
    rows = list(session.scalars(select(Measurement)))
    seen = {
        row.check_name: Seen(row.check_name, row.state, row.title, row.found, row.measured_at)
        for row in rows if row.company_id == PLATFORM_ID and row.state != EXEMPT
    }  # fmt: skip
    at = now()
    return _content(company, judge(seen, _exempt(rows, company.id), at), at)


def _exempt(rows: Iterable[Measurement], company_id: UUID) -> dict[str, list[Spoken]]:
    chosen: dict[str, list[Spoken]] = defaultdict(list)
    exempt = [row for row in rows if row.state == EXEMPT and company_id in (row.company_id, PLATFORM_ID)]
    names = {each.id: each.name for each in session.scalars(select(Company))} if exempt else {}
    for row in exempt:
        prefix = "" if company_id != PLATFORM_ID else f"{names.get(row.company_id, '?')}: "
        chosen[row.check_name].append({language: prefix + text for language, text in row.found.items()})
    return chosen


def _content(company: Company, judged: list[Judged], at: datetime) -> Content:
    return {
        "format": 1,
        "company": company.name,
        "made_at": at.isoformat(timespec="seconds"),
        "clauses": [_clause(each) for each in judged],
        "suppliers": [_supplier(row) for row in session.scalars(select(Supplier).order_by(Supplier.name))],
    }


def _clause(judged: Judged) -> Content:
    return {
        "id": judged.clause.id, "title": judged.clause.title, "text": judged.clause.promise,
        "state": str(judged.verdict), "evidence": list(judged.evidence), "exceptions": list(judged.exceptions),
    }  # fmt: skip


def _supplier(row: Supplier) -> Content:
    until = row.valid_until.isoformat() if row.valid_until else None
    return {"name": row.name, "service": row.service, "country": row.country, "certificate": row.certificate,
            "valid_until": until, "contract": row.contract}  # fmt: skip


# ── dated versions ──


def canonical(content: Content) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def keep(company: Company, made_by: UUID | None = None) -> Version:
    """The annex of now, numbered and for good."""
    content = current(company)
    last = session.scalar(select(func.max(Version.number)).where(Version.company_id == company.id)) or 0
    version = Version(company_id=company.id, number=last + 1, made_at=now(), made_by=made_by, content=content,
                      digest=sha256(canonical(content)).digest())  # fmt: skip
    session.add(version)
    audit.note("annex kept", version, number=version.number, digest=version.digest.hex())
    session.flush()
    return version


def is_unchanged(version: Version) -> bool:
    return sha256(canonical(version.content)).digest() == version.digest


def before(version: Version) -> Version | None:
    older = select(Version).where(Version.company_id == version.company_id, Version.number < version.number)
    return session.scalars(older.order_by(Version.number.desc()).limit(1)).first()


def differences(old: Content, new: Content) -> list[tuple[str, str, str]]:
    """Clause, state before, state now, of what changed."""
    was = {each["id"]: each["state"] for each in old["clauses"]}
    return [(each["id"], was.get(each["id"], ""), each["state"]) for each in new["clauses"]
            if was.get(each["id"]) != each["state"]]  # fmt: skip


def send(version: Version, address: str, subject: str, text: str) -> list[str]:
    """By mail to the managers of its company: where it stands, and its digest. Whom."""
    managers = select(User.email).where(
        User.company_id == version.company_id, User.role == Role.MANAGER, User.active, User.joined_at.is_not(None)
    )
    recipients = list(session.scalars(managers.order_by(User.email)))
    for recipient in recipients:
        outbox.send(recipient, subject, f"{text}\n\n{address}\n\nSHA-256 {version.digest.hex()}\n")
        session.add(Dispatch(company_id=version.company_id, version_id=version.id, recipient=recipient))
    if recipients:
        audit.note("annex sent", version, number=version.number, recipients=len(recipients))
    session.flush()
    return recipients
