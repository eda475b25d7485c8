"""Examines a running instance: what a careful administrator would look at, and what to do about each finding."""

from leadcrm.core.config import Config, ConfigProblem, load
from leadcrm.core.doctor import database, files, machine
from leadcrm.core.doctor.report import Check, Finding, fail

CHECKS = (*files.CHECKS, *machine.CHECKS, *database.CHECKS)


def examine() -> list[Finding]:
    """Every check in order; without a readable configuration there is only that to say."""
    try:
        config = load()
    except ConfigProblem as problem:
        return [fail("configuration", str(problem), "correct the keys it names")]
    return [finding for check in CHECKS for finding in _run(check, config)]


def _run(check: Check, config: Config) -> list[Finding]:
    try:
        return list(check(config))
    except Exception as problem:  # a check that breaks is a finding, and the others still run
        name = check.__name__.replace("_", " ")
        return [
            fail(name, f"could not be examined: {type(problem).__name__}: {problem}", "see the other findings first")
        ]
