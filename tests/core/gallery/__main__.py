import tempfile
from pathlib import Path

from tests.core.gallery.pages import build_assets, make_app

with tempfile.TemporaryDirectory() as folder:
    make_app(build_assets(Path(folder) / "dist")).run("localhost", 5600)
