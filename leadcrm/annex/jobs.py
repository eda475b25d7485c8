"""Measuring for the annex, every hour and when somebody asks."""

from flask import current_app

from leadcrm.annex.services import measuring
from leadcrm.core.config import current_config
from leadcrm.core.doctor.examining import examine_app
from leadcrm.core.jobs import job


@job(queue="default", cron="17 * * * *", reason="the checks look at the whole instance")
def measure() -> None:
    """All checks of core and plugins; the last result of each is kept."""
    measuring.keep(examine_app(current_app, current_config()))
