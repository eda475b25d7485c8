"""Tags for a new lead."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from leadcrm.core.db import session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.leads.models.lead import Lead
from leadcrm.tags.permissions import Tags
from leadcrm.tags.services import putting
from leadcrm.tags.services.tags import all_tags

NAME = "put-tag"


class NewTags:
    """Boxes to tick, one for each tag."""

    template = "tags/_new_lead.html"

    def __init__(self, tags: Any) -> None:
        self.tags, self.name = tags, NAME
        self.errors: list[str] = []
        self.chosen: set[UUID] = set()

    @property
    def title(self) -> str:
        return str(_("Tags"))

    @property
    def valid(self) -> bool:
        return not self.errors

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def read(self, typed: Mapping[str, str]) -> bool:
        """Tags that went out of use meanwhile are left out."""
        ticked = typed.getlist(NAME) if hasattr(typed, "getlist") else []
        self.chosen = {tag.id for tag in self.tags if str(tag.id) in ticked}
        return True

    def save(self, lead: Lead) -> None:
        session.flush()
        putting.put(lead, [tag for tag in self.tags if tag.id in self.chosen])


def make() -> NewTags | None:
    tags = all_tags() if signed_in_viewer().can(Tags.PUT) else ()
    return NewTags(tags) if tags else None
