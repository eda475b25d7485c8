"""The guard against citizen service numbers, over the text of a file."""

from leadcrm.core.fields import bsn

WINDOW = 512 * 1024  # characters at once: a text of nothing but announcements must not fill the memory
OVERLAP = 1024  # more than a number and the word that announces it


def numbers_in(text: str) -> list[tuple[int, int]]:
    """Where in the text a citizen service number stands: start and end of each."""
    found: set[tuple[int, int]] = set()
    for begin in range(0, max(len(text) - OVERLAP, 1), WINDOW - OVERLAP):
        found.update((begin + start, begin + end) for start, end in bsn.find(text[begin : begin + WINDOW]))
    return sorted(found)
