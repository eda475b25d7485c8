"""Own fields as columns of a file."""

from collections.abc import Sequence
from typing import Any

from leadcrm.custom_fields.services.definitions import fields
from leadcrm.custom_fields.services.values import as_kept
from leadcrm.imports.services.own import Source, Values
from leadcrm.imports.services.targets import OWN, Target


class OwnFields(Source):
    def targets(self) -> Sequence[Any]:
        """A required one is asked for here as in the form."""
        return [
            Target(OWN, field.key, field.name, field.name, field.kind, required=field.required, asked=True)
            for field in fields()
        ]

    def take(self, lead: Values, own: Values) -> dict[type[Any], list[Values]]:
        mine = {field: own[field.key] for field in fields() if own.get(field.key) is not None}
        if mine:
            plain, sealed = as_kept(mine)
            lead |= {name: texts for name, texts in (("custom", plain), ("custom_sealed", sealed)) if texts}
        return {}
