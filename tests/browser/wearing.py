"""Classes that Tabler knows and the sheet that is shipped does not: taken for unused, so no page may wear them."""

import re
from functools import cache

from leadcrm.core.assets import DIST
from leadcrm.core.assets.build import NODE_MODULES, TABLER

CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")


@cache
def left_out() -> frozenset[str]:
    shipped = "".join(sheet.read_text() for sheet in DIST.glob("*.css"))
    return frozenset(CLASS.findall((NODE_MODULES / TABLER).read_text())) - frozenset(CLASS.findall(shipped))
