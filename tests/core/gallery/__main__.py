import tempfile
from pathlib import Path

from leadcrm.core.assets.build import NODE_MODULES, build
from tests.core.gallery.pages import make_app, sources

with tempfile.TemporaryDirectory() as folder:
    build(NODE_MODULES, sources(), Path(folder) / "dist")
    make_app(Path(folder) / "dist").run("localhost", 5600)
