"""What a reader could do if a file took it over: found out by trying."""

from leadcrm.inspection.services.reading import memory, read
from leadcrm.inspection.services.reasons import Refused


def what_a_reader_can_do() -> list[str] | None:
    """Nothing, or what succeeded; None when readers do not start at all."""
    with memory("content") as content:
        try:
            return read("trial", "trial", content).text.splitlines()
        except Refused:
            return None
