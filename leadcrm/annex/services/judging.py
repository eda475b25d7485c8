"""From measurements to the state of each clause. What was not seen, or not lately, is never claimed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from leadcrm.annex.services.clauses import CLAUSES, Clause
from leadcrm.core.doctor.report import State
from leadcrm.core.fields.terms import Terms

FRESH = timedelta(hours=26)  # measured every hour; a day's pause of the workers is noticed
Spoken = dict[str, str]


class Verdict(Terms):
    """The state of a clause."""

    MET = "met", "Nagekomen", "Met"
    EXCEPTION = "exception", "Nagekomen, met uitzondering", "Met, with exception"
    ORGANISATIONAL = "organisational", "Organisatorisch belegd", "Organisational"
    NOT_MET = "not_met", "Niet aangetoond", "Not met"


STALE = {"nl": "te lang geleden gemeten", "en": "measured too long ago"}
MISSING = {"nl": "niet gemeten", "en": "not measured"}


@dataclass(frozen=True)
class Seen:
    """A measurement, apart from where it is kept."""

    check: str
    state: str
    title: Spoken
    found: Spoken
    at: datetime


@dataclass(frozen=True)
class Judged:
    """A clause, its state, and what that rests on."""

    clause: Clause
    verdict: Verdict
    evidence: tuple[dict[str, Any], ...]
    exceptions: tuple[Spoken, ...]


def judge(seen: Mapping[str, Seen], exempt: Mapping[str, Iterable[Spoken]], at: datetime) -> list[Judged]:
    """`exempt`: the exceptions that companies chose, by check."""
    return [_judged(clause, seen, exempt, at) for clause in CLAUSES]


def _judged(
    clause: Clause, seen: Mapping[str, Seen], exempt: Mapping[str, Iterable[Spoken]], at: datetime
) -> Judged:
    evidence = tuple(_evidence(name, seen.get(name), at) for name in clause.checks)
    states = {each["state"] for each in evidence}
    remarks = [each["found"] for each in evidence if each["state"] == State.WARN]
    exceptions = (*remarks, *(text for name in clause.checks for text in exempt.get(name, ())))
    if states - {State.OK, State.WARN}:
        return Judged(clause, Verdict.NOT_MET, evidence, exceptions)
    if exceptions:
        return Judged(clause, Verdict.EXCEPTION, evidence, exceptions)
    return Judged(clause, Verdict.ORGANISATIONAL if clause.organisational else Verdict.MET, evidence, ())


def _evidence(name: str, seen: Seen | None, at: datetime) -> dict[str, Any]:
    """One line of it. Without a fresh measurement there is none, whatever was found before."""
    if seen is None:
        return {"check": name, "title": {"nl": name, "en": name}, "state": "MISSING", "found": MISSING, "at": None}
    known = {"check": name, "title": seen.title, "at": seen.at.isoformat(timespec="seconds")}
    if at - seen.at > FRESH or seen.at - at > FRESH:
        return known | {"state": "STALE", "found": STALE}
    return known | {"state": seen.state, "found": seen.found}
