"""A Flask page that does nothing, of a given size, on the product's own server. python -m tests.bench.bare BYTES"""

import sys

from flask import Flask

from leadcrm.core import server
from leadcrm.core.config import load

SIZE = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 40_000
PAGE = "x" * SIZE

app = Flask(__name__)


@app.get("/")
def page() -> str:
    return PAGE


if __name__ == "__main__":
    server.WSGI = "tests.bench.bare:app"
    server.serve_web(load())
