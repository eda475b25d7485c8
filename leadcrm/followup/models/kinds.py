"""A kind of value that only this plugin has."""

from dataclasses import dataclass

from leadcrm.core.fields.bsn import refuse
from leadcrm.core.fields.text import Text


@dataclass(frozen=True)
class Line(Text):
    """One line that people write themselves. A citizen service number in it is refused, as in every note."""

    def read(self, text: str) -> str:
        refuse(text)
        return super().read(text)
