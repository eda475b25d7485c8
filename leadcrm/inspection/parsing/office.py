"""Office files: an archive of XML of which every part must be known and harmless."""

from leadcrm.inspection.parsing import odf, ooxml
from leadcrm.inspection.parsing.packages import opened
from leadcrm.inspection.parsing.serving import Task


def read(task: Task) -> None:
    with opened(task.file) as package:
        if task.kind in ("odt", "ods"):
            odf.read(package, task)
        else:
            ooxml.read(package, task.kind, task.say)
