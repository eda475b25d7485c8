"""The guard against citizen service numbers, over the text of a file."""

from leadcrm.core.fields import bsn


def numbers_in(text: str) -> list[tuple[int, int]]:
    """Where in the text a citizen service number stands: start and end of each."""
    return bsn.find(text)
