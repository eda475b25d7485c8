"""Measuring for the annex, every hour and when somebody asks."""

from flask import current_app

from leadcrm.annex.services import measuring
from leadcrm.core.config import current_config
from leadcrm.core.doctor.examining import checks_of, examined
from leadcrm.core.doctor.report import Group
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.jobs import Rank, job
from leadcrm.core.jobs_steps import walked


@job(queue="default", cron="23 * * * *", rank=Rank.UPKEEP, reason="the checks look at the whole instance")
def measure() -> bool:
    """All checks of core and plugins; the last result of each is kept."""
    return walked("annex.measure", _measure_group)


def _measure_group(measured: str | None) -> str | None:
    """Checks that share what they look at, such as one visit to the web server."""
    checks, number = checks_of(current_app), int(measured or 0)
    group = list(Group)[number]
    wanted = [check for check in checks if check.group == group]
    found = list(examined(Subject(current_config(), current_app), wanted))
    measuring.keep(found, beside={check.name for check in checks if check.group != group})
    return str(number + 1) if number + 1 < len(Group) else None
