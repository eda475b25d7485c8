"""Styles and scripts that all processes of a test run look at: whoever needs them first builds them."""

import os
from pathlib import Path

from leadcrm.core.assets.build import NODE_MODULES, build
from leadcrm.core.locks import FileLock


def built_once(name: str, packages: list[Path]) -> Path:
    """The folder of the bundles of these packages. It stands there whole or not at all; nobody may change it."""
    here = Path(os.environ["TESTS_INSTANCE"]) / "bundles"
    here.mkdir(exist_ok=True)
    lock = FileLock(here / f"{name}.lock")
    lock.hold()
    try:
        if not (here / name).exists():
            build(NODE_MODULES, packages, here / name)
    finally:
        lock.drop()
    return here / name
