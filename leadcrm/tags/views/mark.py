"""A tag as it is shown: its word, with its colour beside it."""

from functools import lru_cache

from markupsafe import Markup


@lru_cache(maxsize=2_000)
def mark(name: str, colour: str) -> Markup:
    return Markup('<span class="tag tag-{}">{}</span>').format(colour, name)
