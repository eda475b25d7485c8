"""Which part may import which, how long things may get, and that nobody goes round the scope."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from leadcrm.app import PLUGINS
from tests.together import together

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "leadcrm"
SOURCES = sorted(PACKAGE.rglob("*.py"))
IN_PARTS = [path for path in SOURCES if path.parent != PACKAGE]
IN_PLUGINS = [path for path in IN_PARTS if path.relative_to(PACKAGE).parts[0] != "core"]
TOP_LEVEL = {
    "wsgi.py",
    "pyproject.toml",
    "Makefile",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "package.json",
    "package-lock.json",
    "leadcrm",
    "instance",
    "migrations",
    "tests",
}
PLUGIN_NAMES = {
    "__init__",
    "plugin",
    "permissions",
    "models",
    "queries",
    "services",
    "events",
    "forms",
    "views",
    "jobs",
    "commands",
    "checks",
    "templates",
    "static",
    "translations",
}
# Run without the application: they import nothing of it.
PROGRAMS = {"trail": {"verify"}, "inspection": {"parsing"}}
LONGEST_FUNCTION, LONGEST_FILE = 40, 400


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@cache
def nodes(path: Path) -> list[ast.AST]:
    """Everything in a file, read once for all that is held here."""
    return list(ast.walk(ast.parse(path.read_text())))


def imports(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def parts_imported(path: Path) -> set[str]:
    return {module.split(".")[1] for module in imports(path) if module.startswith("leadcrm.")}


def test_core_imports_no_plugin_and_a_plugin_only_what_it_requires() -> None:
    allowed = {plugin.name: {plugin.name, "core", *plugin.requires} for plugin in PLUGINS} | {"core": {"core"}}
    with together() as case:
        for path in IN_PARTS:
            with case(name_of(path)):
                assert parts_imported(path) <= allowed[path.relative_to(PACKAGE).parts[0]]


def test_plugins_stand_after_those_they_require() -> None:
    names = [plugin.name for plugin in PLUGINS]
    for plugin in PLUGINS:
        assert set(plugin.requires) <= set(names[: names.index(plugin.name)]), plugin.name


FORBIDDEN = {
    r"\.__table__\b": "a Core table is not narrowed",
    r"(?<!\w)text\(": "SQL text is not narrowed",
    r"\.connection\(": "a bare connection is not narrowed",
    r"\.commit\(": "the guard commits, or checkpoint() in a job",
    r"\bcreate_engine\b": "core owns the connections",
    r"(?<!\w)(Crm)?Session\(": "core owns the session",
    r"\bexec_driver_sql\b": "SQL text is not narrowed",
}
MAY = {  # index predicates are DDL, never a query
    "text(": re.compile(r"postgresql_where=|= text\(\"deleted_at IS NULL\"\)")
}


@pytest.mark.asvs("V1.2.4")
def test_nobody_goes_round_the_scope() -> None:
    with together() as case:
        for path in IN_PLUGINS:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                with case(f"{name_of(path)}:{number}"):
                    for pattern, reason in FORBIDDEN.items():
                        assert not re.search(pattern, line) or MAY["text("].search(line), reason


def test_services_and_queries_know_nothing_of_http() -> None:
    with together() as case:
        for path in IN_PLUGINS:
            parts = path.relative_to(PACKAGE).with_suffix("").parts
            if len(parts) > 1 and parts[1] in ("models", "queries", "services"):
                with case(name_of(path)):
                    assert not [
                        module
                        for module in imports(path)
                        if module in ("flask", "werkzeug") or module.startswith("flask_login")
                    ]


@pytest.mark.parametrize("plugin", [plugin.name for plugin in PLUGINS])
def test_a_plugin_has_the_files_of_every_plugin(plugin: str) -> None:
    found = {path.stem for path in (PACKAGE / plugin).iterdir() if not path.name.startswith((".", "__pycache__"))}
    assert found - PROGRAMS.get(plugin, set()) <= PLUGIN_NAMES, found - PLUGIN_NAMES
    assert (PACKAGE / plugin / "__init__.py").read_text().startswith('"""')


def test_nothing_grows_too_long() -> None:
    with together() as case:
        for path in SOURCES:
            with case(name_of(path)):
                assert len(path.read_text().splitlines()) <= LONGEST_FILE
                for function in _functions(path):
                    lines = (function.end_lineno or 0) - function.lineno + 1 - _docstring_lines(function)
                    assert lines <= LONGEST_FUNCTION, f"{function.name} has {lines} lines"


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return (first.end_lineno or 0) - first.lineno + 1
    return 0


def test_no_import_hides_in_a_function() -> None:
    with together() as case:
        for path in SOURCES:
            with case(name_of(path)):
                for function in _functions(path):
                    hidden = [inner for inner in ast.walk(function) if isinstance(inner, ast.Import | ast.ImportFrom)]
                    assert not hidden, function.name


def test_no_import_rings() -> None:
    modules = {
        "leadcrm." + name_of(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__"): path
        for path in SOURCES
    }
    needs = {module: _loads(path, modules) - {module} for module, path in modules.items()}
    while leaves := {module for module, wanted in needs.items() if not wanted}:
        needs = {module: wanted - leaves for module, wanted in needs.items() if module not in leaves}
    assert not needs, sorted(needs)


def _loads(path: Path, modules: dict[str, Path]) -> set[str]:
    found = set()
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("leadcrm"):
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & modules.keys()
            found |= inner or ({node.module} & modules.keys())
    return found


def test_vague_names_do_not_exist() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "lib", "tools", "functions", "stuff"}
    assert not [name_of(path) for path in SOURCES if vague & {*path.relative_to(PACKAGE).parts, path.stem}]


def test_the_top_level_is_as_the_readme_says() -> None:
    ignored = {"node_modules"}
    found = {
        path.name for path in ROOT.iterdir() if not path.name.startswith((".", "__")) and path.suffix != ".egg-info"
    }
    assert found - ignored <= TOP_LEVEL
