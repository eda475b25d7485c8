"""How many papers of the made-up households are in: worked out in the background, as after an import."""

from leadcrm.checklists.jobs import refresh_at_night
from leadcrm.core.jobs import defer, maintenance


def look_after() -> None:
    with maintenance("demo checklists"):
        defer(refresh_at_night, once="demo checklists")
