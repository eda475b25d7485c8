"""Tags as a column of a file: their names, with semicolons or commas between them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _

from leadcrm.core.fields.kinds import Invalid, Kind
from leadcrm.imports.services.own import Source, Values
from leadcrm.imports.services.targets import OWN, Target
from leadcrm.tags.models import Put
from leadcrm.tags.services.tags import all_tags, word_of

BETWEEN = re.compile(r"[;,|\n]")
MOST = 20  # of one lead


@dataclass(frozen=True)
class TagNames(Kind):
    """Ids of tags, from their names."""

    known: tuple[tuple[str, str, UUID], ...] = ()  # word, name, id

    python_type: ClassVar[type[Any]] = tuple

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, name) for _word, name, _id in self.known)

    def read(self, text: str) -> tuple[UUID, ...]:
        by_word = {word: ident for word, _name, ident in self.known}
        words = [word_of(part) for part in BETWEEN.split(text) if part.strip()]
        if len(words) > MOST or any(word not in by_word for word in words):
            raise Invalid(_("This name is not known here. Add it first, or correct it."))
        return tuple(dict.fromkeys(by_word[word] for word in words))

    def show(self, value: Any) -> str:
        names = {ident: name for _word, name, ident in self.known}
        return ", ".join(names[ident] for ident in value or () if ident in names)


class TagColumn(Source):
    def targets(self) -> Sequence[Any]:
        known = tuple((tag.word, tag.name, tag.id) for tag in all_tags())
        return [Target(OWN, "tags", "Tags", "Tags", TagNames(known))] if known else []

    def take(self, lead: Values, own: Values) -> dict[type[Any], list[Values]]:
        base = {name: lead[name] for name in ("company_id", "created_at", "updated_at")}
        of_lead = {"lead_id": lead["id"], "lead_created_at": lead["created_at"]}
        return {Put: [base | of_lead | {"id": uuid4(), "tag_id": tag_id} for tag_id in own.get("tags") or ()]}
