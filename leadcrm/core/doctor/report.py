"""What the doctor says."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

from leadcrm.core.config import Config

OK, WARN, FAIL = "OK", "WARN", "FAIL"


@dataclass(frozen=True)
class Finding:
    check: str
    state: str
    found: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


Check = Callable[[Config], Iterator[Finding]]


def ok(check: str, found: str) -> Finding:
    return Finding(check, OK, found)


def warn(check: str, found: str, remedy: str) -> Finding:
    return Finding(check, WARN, found, remedy)


def fail(check: str, found: str, remedy: str) -> Finding:
    return Finding(check, FAIL, found, remedy)


def as_lines(findings: Iterable[Finding]) -> str:
    return "\n".join(_lines(finding) for finding in findings)


def _lines(finding: Finding) -> str:
    line = f"{finding.state:<4}  {finding.check:<20}  {finding.found}"
    return f"{line}\n{'':28}{finding.remedy}" if finding.remedy else line
