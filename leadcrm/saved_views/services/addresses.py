"""What of a list's address is kept: filters, order, columns and size, but not the page one was on."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

from leadcrm.saved_views.models import LONGEST

NEVER = frozenset({"page", "view", "remember"})
MOST = 60  # parts of an address


def kept_part(query: str) -> str | None:
    """In one notation, so that equal lists have equal addresses; None when it is too long to be kept."""
    pairs = [pair for pair in parse_qsl(query[: 2 * LONGEST], max_num_fields=MOST) if pair[0] not in NEVER]
    kept = urlencode(_in_order(pairs))
    return kept if len(kept) <= LONGEST and "\x00" not in kept and "%00" not in kept else None


def _in_order(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Columns keep the order among themselves."""
    return sorted(pairs, key=lambda pair: pair[0])
