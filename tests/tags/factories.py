"""Tags for tests, made as whoever is looking (a manager)."""

from typing import Any

from leadcrm.core.db import session
from leadcrm.tags.models import Colour, Tag
from leadcrm.tags.services import tags


def a_tag(name: str = "Spoed", **values: Any) -> Tag:
    tag = tags.add({"name": name, "colour": Colour.RED, "about": None} | values)
    session.flush()
    return tag
