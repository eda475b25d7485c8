"""What a browser gets besides pages: built once by `make assets`, then served from memory, by name and nothing else.

No file is ever looked up by a path from outside: a name that the build did not write into the manifest is a 404.
"""

import gzip
import json
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, abort, request
from markupsafe import Markup

DIST = Path(__file__).parent.parent / "static" / "dist"
MANIFEST = "manifest.json"
ENDPOINT = "asset"
A_YEAR = 31_536_000


class NotBuilt(RuntimeError):
    """The bundles are missing or do not know a name that a template asks for."""

    def __init__(self, what: str):
        super().__init__(f"{what}. Run `make assets` (or `python -m leadcrm.core.assets build` after `npm ci`).")


@dataclass(frozen=True)
class Asset:
    """One built file, whole in memory."""

    file: str
    type: str
    integrity: str
    body: bytes
    zipped: bytes

    @property
    def etag(self) -> str:
        return self.integrity.removeprefix("sha384-")


class Assets:
    """The built files of one folder; read when the first one is asked for, so that commands work before the build."""

    def __init__(self, folder: Path = DIST):
        self.folder = folder
        self._icons: dict[tuple[str, str, str], Markup] = {}

    @cached_property
    def manifest(self) -> dict[str, dict[str, str]]:
        try:
            files: dict[str, dict[str, str]] = json.loads((self.folder / MANIFEST).read_text())["files"]
        except FileNotFoundError:
            raise NotBuilt("The style sheets and scripts are not built") from None
        return files

    @cached_property
    def by_file(self) -> dict[str, Asset]:
        return {facts["file"]: self._load(facts) for facts in self.manifest.values()}

    @cached_property
    def icon_names(self) -> frozenset[str]:
        return frozenset(json.loads((self.folder / MANIFEST).read_text())["icons"])

    def _load(self, facts: dict[str, str]) -> Asset:
        body = (self.folder / facts["file"]).read_bytes()
        zipped = b"" if facts["type"] == "font/woff2" else gzip.compress(body, compresslevel=9, mtime=0)
        return Asset(facts["file"], facts["type"], facts["integrity"], body, zipped)

    def _facts(self, name: str) -> dict[str, str]:
        try:
            return self.manifest[name]
        except KeyError:
            raise NotBuilt(f"There is no built file {name!r}") from None

    def url(self, name: str) -> str:
        """Where the file is served, its content hash in the name: it may be kept for ever."""
        return f"{request.script_root}/static/{self._facts(name)['file']}"

    def integrity(self, name: str) -> str:
        return self._facts(name)["integrity"]

    def has(self, name: str) -> bool:
        return name in self.manifest

    def icon(self, name: str, classes: str = "") -> Markup:
        """The icon as decoration; the words beside it (or a visually hidden text) carry the meaning."""
        key = (request.script_root, name, classes)
        if key not in self._icons:
            self._icons[key] = self._draw(name, classes)
        return self._icons[key]

    def _draw(self, name: str, classes: str) -> Markup:
        if name not in self.icon_names:
            raise NotBuilt(f"There is no icon {name!r} in the built sprite")
        return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>').format(
            f"icon {classes}".strip(), self.url("icons.svg"), name
        )

    def serve(self, file: str) -> Response:
        asset = self.by_file.get(file)
        if asset is None:
            abort(HTTPStatus.NOT_FOUND)
        zipped = bool(asset.zipped) and request.accept_encodings.quality("gzip") > 0
        response = Response(asset.zipped if zipped else asset.body, content_type=asset.type)
        if zipped:
            response.content_encoding = "gzip"
        return _may_be_kept(response, asset)


def _may_be_kept(response: Response, asset: Asset) -> Response:
    response.vary.add("Accept-Encoding")
    response.cache_control.public = True
    response.cache_control.max_age = A_YEAR
    response.cache_control.immutable = True
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.set_etag(asset.etag, weak=True)  # weak: the same file, zipped or not
    response.make_conditional(request)
    return response


def start(app: Flask, folder: Path = DIST) -> Assets:
    """Serve the built files under /static/ and give templates asset(), integrity(), has_asset() and icon()."""
    assets = Assets(folder)

    def serve(file: str) -> Response:
        return assets.serve(file)

    serve.permission = "public"  # type: ignore[attr-defined]  # read by the test that walks every route
    app.add_url_rule("/static/<file>", ENDPOINT, serve)
    app.jinja_env.globals.update(asset=assets.url, integrity=assets.integrity, has_asset=assets.has, icon=assets.icon)
    app.extensions["assets"] = assets
    return assets
