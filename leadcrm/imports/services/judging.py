"""What is to become of each line of a chunk: clean, flawed, fatal or a duplicate, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from flask_babel.speaklater import LazyString

from leadcrm.imports.models import FindingKind
from leadcrm.imports.services.duplicates import Key, Seen, find_known, keys_of, same_as_lead
from leadcrm.imports.services.layout import Row
from leadcrm.imports.services.plan import Household, Plan, Reading
from leadcrm.imports.services.targets import PARTS
from leadcrm.leads.models.person import Person
from leadcrm.leads.services.rules import parts_problem, problems


@dataclass(frozen=True)
class Found:
    kind: FindingKind
    title: str
    message: LazyString | str
    lead_id: UUID | None = None


@dataclass
class Verdict:
    """One line with its household. `fatal` cannot be imported at all, `flawed` only without some of its cells."""

    line: int
    cells: list[str]
    household: Household
    found: list[Found] = field(default_factory=list)
    flawed: bool = False
    fatal: bool = False
    duplicate: bool = False


def judge(
    company_id: UUID, plan: Plan, rows: Sequence[Row], seen: Seen | None, doubles: dict[int, str]
) -> list[Verdict]:
    """Verdicts over a chunk. `seen` finds doubles within the file; `doubles` are those found before, by line."""
    verdicts = [_verdict(line, cells, plan.read(cells)) for line, cells in rows]
    keys = [[] if verdict.fatal else list(keys_of(company_id, verdict.household)) for verdict in verdicts]
    known = find_known(company_id, keys) if any(keys) else {}
    for verdict, its_keys in zip(verdicts, keys, strict=True):
        match = same_as_lead(its_keys, known)
        if match is not None:
            verdict.found.append(Found(FindingKind.DUPLICATE, "", match[1], match[0]))
        double = _double(verdict.line, its_keys, seen, doubles)
        if double:
            verdict.found.append(Found(FindingKind.DUPLICATE, "", double))
        verdict.duplicate = bool(match or double)
    return verdicts


def _double(line: int, keys: list[Key], seen: Seen | None, doubles: dict[int, str]) -> LazyString | str | None:
    return doubles.get(line) if seen is None else seen.same_as_line(keys, line)


def _verdict(line: int, cells: list[str], reading: Reading) -> Verdict:
    verdict = Verdict(line, cells, reading.household)
    for problem in reading.problems:
        verdict.found.append(Found(FindingKind.ERROR, problem.title, problem.message))
        verdict.flawed = True
        verdict.fatal |= not problem.title
    verdict.found += [Found(FindingKind.REMARK, remark.title, remark.message) for remark in reading.remarks]
    if not verdict.fatal:
        verdict.found += [Found(FindingKind.REMARK, "", message) for message in _odd_together(reading.household)]
    return verdict


def _odd_together(household: Household) -> list[LazyString]:
    """What does not fit together is imported and remarked upon: the adviser asks the client."""
    odd = [
        message
        for part in PARTS
        if part.key in household and part.model is not Person  # files without names are welcome
        for _field, message in problems(part.model, household[part.key])
    ]
    parts = [household["loan_part"]] if "loan_part" in household else []
    total = parts_problem(household.get("wish", {}), parts)
    return [*odd, total] if total is not None else odd
