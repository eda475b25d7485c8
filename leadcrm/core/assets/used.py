"""The rules of a style sheet that a page may use: Tabler ships six times as many, and a telephone reads them all."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

WHERE = ("html", "py", "js")  # every word in them may be a class
# The start of a class that a page makes: "btn-{{ kind }}", f"is-{state}", "btn-" ~ kind, `step-${name}`.
STARTS = re.compile(r"""\b([a-z][a-z0-9]+(?:-[a-z0-9]+)*-)(?:\$?\{|%s|["']\s*[~+])""")
PURGE = Path(__file__).with_suffix(".mjs")


class NoNode(Exception):
    """What draws up the style sheet cannot run; says why."""


def used_of(css: str, packages: Iterable[Path], scripts: Iterable[Path] = ()) -> str:
    """`css` without the rules for classes that neither `packages` nor `scripts` of others name."""
    texts = [path.read_text() for path in [*_sources(packages), *scripts]]
    asked = {"css": css, "texts": texts, "starts": sorted(starts_in(texts))}
    # Our own script; all that it is given is our own source.
    done = subprocess.run([_node(), PURGE], input=json.dumps(asked), capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoNode(done.stderr.strip())
    return done.stdout


def starts_in(texts: Iterable[str]) -> set[str]:
    return {start for text in texts for start in STARTS.findall(text)}


def _sources(packages: Iterable[Path]) -> Iterator[Path]:
    for package in packages:
        for ending in WHERE:
            yield from (path for path in sorted(package.rglob(f"*.{ending}")) if "dist" not in path.parts)


def _node() -> str:
    """That of the machine, or the one that was installed beside Python."""
    places = f"{os.environ.get('PATH', '')}{os.pathsep}{Path(sys.executable).parent}"
    found = shutil.which("node", path=places)
    if found is None:
        raise NoNode("there is no Node.js here: install it, or run `make assets`, which does")
    return found
