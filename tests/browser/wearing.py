"""Classes that a page wears and Tabler knows, but the sheet that is shipped does not: taken for unused, and used."""

import re
from functools import cache

from playwright.sync_api import Page

from leadcrm.core.assets import DIST
from leadcrm.core.assets.build import NODE_MODULES, TABLER

CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
WORN = "() => [...new Set([...document.querySelectorAll('[class]')].flatMap((each) => [...each.classList]))]"


@cache
def left_out() -> frozenset[str]:
    shipped = "".join(sheet.read_text() for sheet in DIST.glob("*.css"))
    return frozenset(CLASS.findall((NODE_MODULES / TABLER).read_text())) - frozenset(CLASS.findall(shipped))


def bare(page: Page) -> list[str]:
    return sorted(left_out().intersection(page.evaluate(WORN)))
