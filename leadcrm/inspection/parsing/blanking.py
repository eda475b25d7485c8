"""Makes numbers in text and tables unreadable."""

import json
import re

from leadcrm.inspection.parsing.plain import decoded
from leadcrm.inspection.parsing.refusing import No
from leadcrm.inspection.parsing.serving import Task


def read(task: Task) -> None:
    """`told`: the numbers, nine digits each, which may be written with spaces, dots or without their first zeros."""
    words = decoded(task.file.read())
    for number in json.loads(task.told):
        bare = number.lstrip("0")
        pattern = rf"(?<![0-9])0{{0,{len(number) - len(bare)}}}{'[ .-]?'.join(bare)}(?![0-9])"
        words, count = re.subn(pattern, "*" * len(number), words)
        if not count:
            raise No("bsn", "not found")
    task.cleaned.write(words.encode("utf-8", "replace"))
