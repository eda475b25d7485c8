"""An instance of its own that the doctor examines: good, until a test spoils it."""

import os
import shutil
import tempfile
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadcrm.core.commands import make_instance
from leadcrm.core.config import load
from leadcrm.core.doctor import files, software
from leadcrm.core.postgres import Embedded


@pytest.fixture(scope="package")
def made() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="leadcrm-doctor-"))
    folder.chmod(0o755)
    make_instance(load(folder, {}))
    yield folder
    Embedded(folder).destroy()
    shutil.rmtree(folder)


@pytest.fixture
def instance(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("LEADCRM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LEADCRM_INSTANCE", str(made))
    monkeypatch.setattr(files, "DIST", made / "static" / "dist")  # whether bundles are built is no matter here
    monkeypatch.setattr(files, "Assets", lambda: namedtuple("Built", "manifest")({}))
    monkeypatch.setattr(software, "_waiting", list)  # nor what this machine has not yet installed
    return made
