"""A list as its page holds it: numbered pairs of a range and what it is, empty ones at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from leadcrm.addresses.services import ranges
from leadcrm.addresses.services.ranges import Entry
from leadcrm.core.fields.kinds import Invalid

MOST = 200  # ranges of one list
LONGEST_LABEL = 80
SPARE = 3


@dataclass
class Line:
    network: str = ""
    label: str = ""
    error: str = ""


class ListForm:
    """What was typed, with a message beside each line that cannot be taken."""

    def __init__(self, entries: Sequence[Entry] = ()):
        self.entries = list(entries)
        self.lines = [Line(ranges.shown(entry.network), entry.label) for entry in entries]

    @classmethod
    def read(cls, typed: Mapping[str, str]) -> "ListForm":
        form = cls()
        for number in range(MOST + SPARE):
            network, label = typed.get(f"network_{number}", "").strip(), typed.get(f"label_{number}", "").strip()
            if network or label:
                form.take(network, label[:LONGEST_LABEL].replace("\0", ""))
        return form

    def take(self, network: str, label: str) -> None:
        line = Line(network[: ranges.LONGEST + 1], label)
        self.lines.append(line)
        try:
            entry = Entry(ranges.parse(network), label)
        except Invalid as problem:
            line.error = str(problem.message)
            return
        if any(entry.network == other.network for other in self.entries):
            line.error = _("This stands in the list twice.")
        self.entries.append(entry)

    @property
    def valid(self) -> bool:
        return len(self.entries) <= MOST and not any(line.error for line in self.lines)

    @property
    def shown(self) -> list[Line]:
        """With room for more."""
        return [*self.lines, *(Line() for _spare in range(SPARE))]
