"""Bundles with content hashes in their names, made by webassets; never at run time."""

import json
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256, sha384
from importlib.metadata import entry_points
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from webassets import Bundle, Environment
from webassets.version import HashVersion

from leadcrm.core.assets import MANIFEST
from leadcrm.core.assets.sprite import names_used, sprite
from leadcrm.core.assets.stylesheets import (
    following_the_system,
    with_addresses,
    with_files_for_pictures,
    without_comments,
)
from leadcrm.core.assets.used import NoNode, used_of

LEADCRM = Path(__file__).parents[2]
NODE_MODULES = LEADCRM.parent / "node_modules"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
TABLER = "@tabler/core/dist/css/tabler.min.css"
HTMX = "htmx.org/dist/htmx.min.js"
APART = {"tus.js": "tus-js-client/dist/tus.min.js"}  # fetched when it is needed
ICONS = "@tabler/icons/icons"
FONTS = {
    "inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
}
EVERY_PAGE = "every_page"  # a folder in static/<name>/: its sheets and scripts are bundled for every page
HASH_LENGTH = 16


class BuildError(Exception):
    """Why there are no bundles, and the remedy."""


class Build:
    """One run into an empty folder; what is made on the way lies `aside`."""

    def __init__(self, node_modules: Path, packages: list[Path], folder: Path, aside: Path):
        self.node_modules = node_modules
        self.aside = aside
        self.packages = packages
        self.folder = folder
        self.files: dict[str, str] = {}  # name in templates and style sheets -> file name with hash
        self.webassets = Environment(str(folder), "", auto_build=False, cache=False, manifest=False)
        self.webassets.versions = HashVersion(HASH_LENGTH, sha256)

    def run(self) -> None:
        for name, module in FONTS.items():
            self.keep(name, self._module(module).read_bytes())
        drawn, self.icons = sprite(self._module(ICONS), names_used(self.packages))
        self.keep("icons.svg", drawn.encode())
        for name, path in self._apart():
            if path.suffix not in (".css", ".js"):
                self.keep(name, path.read_bytes())
        self._bundle("app.css", [self._used_of(self._module(TABLER)), *self._of_ours("css")])
        self._bundle("app.js", [self._module(HTMX), *self._of_ours("js")])
        self._bundle_of_each_outside()
        for name, module in APART.items():
            self._bundle(name, [self._module(module)])
        for name, path in self._apart():
            if path.suffix in (".css", ".js"):
                self._bundle(name, [path])
        self._write_manifest()

    def keep(self, name: str, content: bytes) -> str:
        """Store one file under its hash; templates and style sheets know it by its name."""
        stem, _, ending = name.replace("/", "-").rpartition(".")
        file = f"{stem}.{sha256(content).hexdigest()[:HASH_LENGTH]}.{ending}"
        (self.folder / file).write_bytes(content)
        self.files[name] = file
        return file

    def _module(self, path: str) -> Path:
        found = self.node_modules / path
        if not found.exists():
            raise BuildError(f"node_modules/{path} is missing: run `npm ci` first")
        return found

    def _used_of(self, sheet: Path) -> Path:
        """A sheet of others without what nobody wears; taken into the bundle and not shipped itself."""
        used = self.aside / sheet.name
        try:
            used.write_text(used_of(sheet.read_text(), self.packages, [self._module(HTMX)]))
        except NoNode as why:
            raise BuildError(f"{sheet.name} cannot be drawn up: {why}") from why
        return used

    def _of_ours(self, ending: str) -> Iterator[Path]:
        """For every page: core's own first, which plugins build on; then theirs."""
        for package in sorted(self.packages, key=lambda package: package.name != "core"):
            if package.parent == LEADCRM:
                yield from _for_every_page(package, ending)

    def _bundle_of_each_outside(self) -> None:
        """`boats/every_page.css`: apart, since what is installed is not yet wanted; see shell.on_every_page()."""
        for package in self.packages:
            for ending in ("css", "js"):
                if package.parent != LEADCRM and (files := _for_every_page(package, ending)):
                    self._bundle(f"{package.name}/{EVERY_PAGE}.{ending}", files)

    def _apart(self) -> Iterator[tuple[str, Path]]:
        """`leads/list.js` for leadcrm/leads/static/leads/list.js: what a template asks for by its name."""
        for package in self.packages:
            root = package / "static" / package.name
            for path in sorted(root.rglob("*")):
                if path.suffix in TYPES and path.parent.name != EVERY_PAGE:
                    yield f"{package.name}/{path.relative_to(root).as_posix()}", path

    def _bundle(self, name: str, sources: list[Path]) -> None:
        stem, _, ending = name.replace("/", "-").rpartition(".")
        change = {"css": self._ready_css, "js": self._ready_js}[ending]
        bundle = Bundle(*map(str, sources), filters=[_filter(change)], output=f"{stem}.%(version)s.{ending}")
        self.webassets.register(name, bundle)
        bundle.build(force=True)
        self.files[name] = f"{stem}.{bundle.version}.{ending}"

    def _ready_css(self, css: str) -> str:
        css = following_the_system(without_comments(css))
        return with_addresses(with_files_for_pictures(css, self._keep_picture), self._address)

    @staticmethod
    def _ready_js(js: str) -> str:
        return "\n".join(line for line in js.splitlines() if not line.startswith("//# sourceMappingURL")) + "\n"

    def _keep_picture(self, svg: str) -> str:
        digest = sha256(svg.encode()).hexdigest()
        return self.keep(f"picture-{digest[:6]}.svg", svg.encode())

    def _address(self, name: str) -> str:
        if name in self.files.values():
            return name
        if name not in self.files:
            raise BuildError(f"a style sheet asks for url({name}), which is not shipped")
        return self.files[name]

    def _write_manifest(self) -> None:
        files = {name: self._facts(file) for name, file in sorted(self.files.items())}
        text = json.dumps({"files": files, "icons": self.icons}, indent=1)
        (self.folder / MANIFEST).write_text(text + "\n")

    def _facts(self, file: str) -> dict[str, str]:
        digest = b64encode(sha384((self.folder / file).read_bytes()).digest()).decode()
        return {"file": file, "integrity": f"sha384-{digest}", "type": TYPES[Path(file).suffix]}


def packages() -> list[Path]:
    """The folders of core, of every plugin of ours and of the installed outside plugins."""
    ours = [folder for folder in sorted(LEADCRM.iterdir()) if (folder / "__init__.py").exists()]
    outside = [find_spec(found.module.rpartition(".")[0]) for found in entry_points(group="leadcrm.plugins")]
    return ours + [Path(spec.origin).parent for spec in outside if spec and spec.origin]


def _for_every_page(package: Path, ending: str) -> list[Path]:
    return sorted((package / "static" / package.name / EVERY_PAGE).glob(f"*.{ending}"))


def _filter(change: Callable[[str], str]) -> Callable[[StringIO, StringIO], None]:
    def changed(source: StringIO, result: StringIO) -> None:
        result.write(change(source.read()))

    return changed


def build(node_modules: Path, packages: list[Path], folder: Path) -> list[str]:
    """Build everything beside the old folder, then put it in its place; the names that templates may use."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(prefix=f"{folder.name}.new", dir=folder.parent))
    fresh.chmod(0o755)
    try:
        with TemporaryDirectory() as aside:
            made = Build(node_modules, packages, fresh, Path(aside))
            made.run()
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return sorted(made.files)
