"""What others ask: `sniff` in the request, `examine` and `scan` in a job."""

from leadcrm.inspection.services.examining import Verdict, examine
from leadcrm.inspection.services.kinds import Kind
from leadcrm.inspection.services.numbers import numbers_in
from leadcrm.inspection.services.reasons import Reason, Refused
from leadcrm.inspection.services.scanning import Scan, State, scan
from leadcrm.inspection.services.sniffing import HEAD_BYTES, sniff

__all__ = [
    "HEAD_BYTES", "Kind", "Reason", "Refused", "Scan", "State", "Verdict", "examine", "numbers_in", "scan", "sniff",
]  # fmt: skip
