"""What a fresh clone installs: everything that is imported, pinned by hash, from no address of ours."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = {name: (ROOT / ".lock" / f"{name}.txt").read_text() for name in ("run", "dev", "node")}
TOP_LEVEL = {
    "wsgi.py", "pyproject.toml", "Makefile", "README.md", "CHANGELOG.md", "LICENSE", "package.json",
    "package-lock.json", "leadcrm", "instance", "migrations", "tests",
}  # fmt: skip


def plain(name: str) -> str:
    """A distribution's name as the index writes it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name)[0]).lower()


def imported(*folders: str) -> set[str]:
    files = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    return {name for file in files for name in roots(ast.parse(file.read_text()))}


def roots(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def undeclared(modules: Iterable[str], declared: set[str]) -> set[str]:
    offered = packages_distributions()
    foreign = set(modules) - sys.stdlib_module_names - {"leadcrm", "tests", "wsgi", "migrations"}
    return {module for module in foreign if not {plain(name) for name in offered.get(module, [])} & declared}


def test_everything_the_product_imports_is_declared() -> None:
    assert undeclared(imported("leadcrm", "migrations"), {plain(each) for each in PROJECT["dependencies"]}) == set()


def test_everything_the_tests_import_is_declared() -> None:
    declared = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    assert undeclared(imported("tests"), {plain(each) for each in declared}) == set()


def pins(lock: str) -> dict[str, str]:
    """name and marker → version"""
    found = re.findall(r"^([a-z0-9.-]+)==(\S+?)(?: ;([^\\]*))?\s*\\?$", lock, re.MULTILINE)
    return {f"{name};{marker.strip()}": version for name, version, marker in found}


@pytest.mark.asvs("V15.1.2")
def test_every_dependency_is_pinned() -> None:
    pinned = {name.partition(";")[0] for name in pins(LOCKS["run"])}
    assert {plain(each) for each in PROJECT["dependencies"]} <= pinned
    assert {plain(each) for each in PROJECT["optional-dependencies"]["dev"]} <= {
        name.partition(";")[0] for name in pins(LOCKS["dev"])
    }


def test_the_tests_run_on_the_releases_that_the_product_runs_on() -> None:
    dev = pins(LOCKS["dev"])
    assert {name: dev.get(name) for name in pins(LOCKS["run"])} == pins(LOCKS["run"])


@pytest.mark.asvs("V15.1.2", "V15.2.4")
@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes_and_no_address(name: str) -> None:
    for block in re.split(r"\n(?=[a-z0-9])", LOCKS[name].strip()):
        assert re.match(r"[a-z0-9.-]+==[^ ]+( ;.*)? \\\n    --hash=sha256:[0-9a-f]{64}", block), block[:80]
    assert "://" not in LOCKS[name]
    assert not re.search(r"^-", LOCKS[name], re.MULTILINE)


def test_the_npm_lock_names_no_address() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert lock.count('"integrity": "sha512-') == lock.count('"node_modules/')


in_git = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a clone: what git knows cannot be looked at")


@in_git
def test_the_top_level_is_what_the_architecture_says() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.partition("/")[0] for line in listed.splitlines() if line[0] != "."} <= TOP_LEVEL


def test_help_names_every_target() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    assert re.findall(r"^  make (\w+)", shown, re.MULTILINE) == phony[1].split()


@in_git
def test_the_instance_is_never_committed() -> None:
    ignored = subprocess.run(["git", "check-ignore", "instance/keys/master-1.key"], cwd=ROOT, capture_output=True)
    assert ignored.returncode == 0
