"""Keeps what the doctor found, in both languages, for pages and documents."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import select

from leadcrm.annex.models import Measurement
from leadcrm.core.db import PLATFORM_ID, session
from leadcrm.core.doctor.report import Finding, Text
from leadcrm.core.fields.language import speaking

LANGUAGES = ("nl", "en")
EXEMPT = "EXEMPT"


def spoken(text: Text) -> dict[str, str]:
    return {language: _said(text, language) for language in LANGUAGES}


def _said(text: Text, language: str) -> str:
    with force_locale(language), speaking(language):
        return str(text)


def keep(findings: Iterable[Finding], beside: Collection[str] = ()) -> None:
    """Replaces what was kept, but of checks `beside`: one that was not run this time is no longer there."""
    replaced = select(Measurement).where(Measurement.check_name.not_in(beside))
    known = {(row.company_id, row.check_name): row for row in session.scalars(replaced)}
    for company, values in _rows(findings):
        row = known.pop((company, values["check_name"]), None)
        if row is None:
            session.add(Measurement(company_id=company, **values))
            continue
        for name, value in values.items():
            setattr(row, name, value)
    for gone in known.values():
        session.delete(gone)
    session.flush()


def _rows(findings: Iterable[Finding]) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """The platform's row of each check, and one of each company that is an exception to it."""
    for each in findings:
        said = each.outcome
        yield PLATFORM_ID, _values(each, str(said.state), said.found, said.remedy, each.at)
        for exempt in said.exempt:
            yield exempt.company_id, _values(each, EXEMPT, exempt.text, said.remedy, each.at)


def _values(finding: Finding, state: str, found: Text, remedy: Text, at: datetime) -> dict[str, Any]:
    return {
        "check_name": finding.name, "state": state, "title": spoken(finding.check.title), "found": spoken(found),
        "remedy": spoken(remedy), "measured_at": at,
    }  # fmt: skip
