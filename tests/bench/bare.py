"""A Flask page that does nothing, of a given size, and a copy of a file, on the product's own server.

python -m tests.bench.bare BYTES
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response, request

from leadcrm.core import server
from leadcrm.core.config import load

SIZE = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 40_000
PAGE = "x" * SIZE
BLOCK = 262_144

app = Flask(__name__)


@app.get("/")
def page() -> str:
    return PAGE


@app.post("/copy")
def take_copy() -> str:
    """To the disk, and safe there."""
    with tempfile.NamedTemporaryFile(dir=copy_of().parent, delete=False) as file:
        while piece := request.stream.read(BLOCK):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, copy_of())
    return "taken"


@app.get("/copy")
def give_copy() -> Response:
    def pieces() -> Iterator[bytes]:
        with copy_of().open("rb") as file:
            while piece := file.read(BLOCK):
                yield piece

    response = Response(pieces(), mimetype="application/octet-stream")
    response.content_length = copy_of().stat().st_size
    return response


def copy_of() -> Path:
    """On the disk where the product's files are."""
    return load().instance / "bench-copy"


if __name__ == "__main__":
    server.WSGI = "tests.bench.bare:app"
    server.serve_web(load())
