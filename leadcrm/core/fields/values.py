"""Several small values together, by name: what one column holds when their number is not known beforehand."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from leadcrm.core.fields.kinds import Kind


@dataclass(frozen=True)
class Values(Kind):
    """Texts by name, as JSON. Nobody types it as it stands."""

    python_type: ClassVar[type[Any]] = dict

    def dump(self, value: dict[str, str]) -> str:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def load(self, text: str) -> dict[str, str]:
        return dict(json.loads(text))
