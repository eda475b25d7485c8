"""The bundles: nothing from elsewhere, nothing that the policy forbids, nothing served that was not built."""

import gzip
import json
import re
import sys
from base64 import b64encode
from hashlib import sha384
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from leadcrm.core import assets
from leadcrm.core.assets.build import NODE_MODULES, TABLER, BuildError, build, packages
from leadcrm.core.assets.sprite import names_used
from leadcrm.core.assets.stylesheets import following_the_system, statements, with_addresses, with_files_for_pictures
from leadcrm.core.assets.used import used_of
from leadcrm.core.shell import on_every_page
from tests.bundles import built_once

CORE = [package for package in packages() if package.name == "core"]  # enough where what is built does not matter


@pytest.fixture(scope="module")
def dist() -> Path:
    return built_once("ours", packages())


@pytest.fixture(scope="module")
def with_boats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ours and an outside plugin's, which comes first."""
    boats = tmp_path_factory.mktemp("outside") / "boats"
    here = boats / "static/boats"
    files_of_boats(here, sail_js="let boat;", deck_svg="<svg/>", deck_css=".deck{top:1px}")
    files_of_boats(here / "every_page", mast_js="let mast;", hull_css='.hull{background:url("boats/deck.svg")}')
    return built_once("with boats", [boats, *packages()])


@pytest.fixture
def app(dist: Path) -> Flask:
    app = Flask("assets", static_folder=None)
    assets.start(app, dist)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def the(dist: Path, pattern: str) -> Path:
    (found,) = dist.glob(pattern)
    return found


def test_style_sheets_hold_nothing_that_the_policy_forbids(dist: Path) -> None:
    for sheet in dist.glob("*.css"):
        text = sheet.read_text()
        assert "data:" not in text
        assert "sourceMappingURL" not in text
        assert "@import" not in text
        assert not re.findall(r"url\(\s*[\"']?(?:https?:)?//", text)


def test_every_address_in_a_style_sheet_is_a_built_file(dist: Path) -> None:
    for sheet in dist.glob("*.css"):
        for address in re.findall(r'url\("([^"]+)"\)', sheet.read_text()):
            assert (dist / address).is_file()


def test_scripts_evaluate_no_code_of_ours(dist: Path) -> None:
    ours = "\n".join(file.read_text() for file in Path(assets.__file__).parents[1].glob("static/core/every_page/*.js"))
    assert not re.findall(r"\beval\(|new Function|innerHTML|insertAdjacentHTML|localStorage|sessionStorage", ours)


def test_a_second_build_is_the_same_and_replaces_what_was_there(dist: Path, tmp_path: Path) -> None:
    again = tmp_path / "dist"
    again.mkdir()
    (again / "old.css").write_text("")
    build(NODE_MODULES, packages(), again)
    first = {file.name: file.read_bytes() for file in dist.iterdir()}
    assert first == {file.name: file.read_bytes() for file in again.iterdir()}
    assert [path.name for path in tmp_path.iterdir()] == ["dist"]


def test_a_missing_package_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="npm ci"):
        build(tmp_path / "nowhere", packages(), tmp_path / "dist")
    assert not list(tmp_path.iterdir())


def files_of_boats(folder: Path, **files: str) -> Path:
    """A plugin's package with these files among its static ones; `sail_js` is sail.js."""
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


def names_in(dist: Path) -> set[str]:
    return set(json.loads((dist / "manifest.json").read_text())["files"])


def test_plugin_files_get_names_of_their_own(with_boats: Path) -> None:
    assert {"boats/sail.js", "boats/deck.css", "boats/deck.svg"} <= names_in(with_boats)
    assert "let boat;" in the(with_boats, "boats-sail.*.js").read_text()


def test_what_ours_want_on_every_page_is_one_file(dist: Path) -> None:
    assert not [name for name in names_in(dist) if "every_page" in name]
    sheet, script = (the(dist, f"app.*.{ending}").read_text() for ending in ("css", "js"))
    assert ".cal-week" in sheet and script.index("window.leadcrm =") < script.index("data-upload")


def test_what_an_outside_plugin_wants_on_every_page_stays_apart(with_boats: Path) -> None:
    assert {"boats/every_page.css", "boats/every_page.js"} <= names_in(with_boats)
    assert 'url("boats-deck.' in the(with_boats, "boats-every_page.*.css").read_text()
    assert "let mast;" not in the(with_boats, "app.*.js").read_text()


@pytest.mark.parametrize(("installed", "found"), [((), []), (("boats",), ["boats/every_page.js"])])
def test_it_comes_when_the_plugin_is_configured(
    app: Flask, monkeypatch: pytest.MonkeyPatch, installed: tuple[str, ...], found: list[str]
) -> None:
    monkeypatch.setitem(app.jinja_env.globals, "has_asset", {"boats/every_page.js"}.__contains__)
    monkeypatch.setitem(app.extensions, "plugins", dict.fromkeys(installed))
    with app.app_context():
        assert on_every_page("js") == ["app.js", *found]


def test_a_style_sheet_that_asks_for_what_is_not_shipped_is_refused(tmp_path: Path) -> None:
    plugin = tmp_path / "boats" / "static" / "boats"
    plugin.mkdir(parents=True)
    (plugin / "deck.css").write_text(".deck{background:url(https://example.org/deck.png)}")
    with pytest.raises(BuildError, match=r"example\.org"):
        build(NODE_MODULES, [*CORE, tmp_path / "boats"], tmp_path / "dist")


def of_a_boat(folder: Path, **sources: str) -> list[Path]:
    for ending, text in sources.items():
        (folder / f"boat.{ending}").write_text(text)
    return [folder]


@pytest.mark.parametrize(
    ("ending", "text"),
    [("html", '<p class="x deck">'), ("html", '<p class="{{ "deck" if sunny }}">'), ("py", 'mark = "deck"'),
     ("js", 'classList.add("deck")'), ("html", 'class="de-{{ kind }}"'), ("py", 'f"de-{kind}"'),
     ("py", '"de-%s" % kind'), ("html", '"de-" ~ kind'), ("js", "`de-${kind}`")],
)  # fmt: skip
def test_a_rule_stays_for_a_class_that_is_named_or_made(tmp_path: Path, ending: str, text: str) -> None:
    css = ".deck,.de-ck{top:1px}.sail{top:2px}@media print{.deck,.de-ck{top:3px}.sail{top:4px}}:root{top:5px}"
    left = used_of(css, of_a_boat(tmp_path, **{ending: text}))
    name = ".de-ck" if "de-" in text else ".deck"
    assert left == f"{name}{{top:1px}}@media print{{{name}{{top:3px}}}}:root{{top:5px}}"


def test_most_of_tabler_is_not_shipped_and_licences_are(dist: Path) -> None:
    shipped = the(dist, "app.*.css").read_text()
    assert len(shipped) < 250_000 < len((NODE_MODULES / TABLER).read_text())  # our own sheets with it
    assert ".carousel" not in shipped and ".btn-primary" in shipped
    assert "Tabler" in shipped and "license" in shipped.lower()


def test_without_node_the_build_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(BuildError, match=r"no Node\.js here: install it, or run `make assets`"):
        build(NODE_MODULES, CORE, tmp_path / "dist")


@pytest.mark.asvs("V3.6.1")
def test_the_integrity_is_that_of_what_is_served(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = app.jinja_env.globals["asset"]("app.js")
        promised = app.jinja_env.globals["integrity"]("app.js")
    body = client.get(address).data
    assert promised == "sha384-" + b64encode(sha384(body).digest()).decode()


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        ("app.*.css", "text/css; charset=utf-8"),
        ("app.*.js", "text/javascript; charset=utf-8"),
        ("icons.*.svg", "image/svg+xml; charset=utf-8"),
        ("inter-latin.*.woff2", "font/woff2"),
    ],
)
def test_a_built_file_may_be_kept_for_ever(client: FlaskClient, dist: Path, pattern: str, kind: str) -> None:
    file = the(dist, pattern)
    answer = client.get(f"/static/{file.name}")
    assert answer.status_code == 200
    assert answer.data == file.read_bytes()
    assert answer.content_type == kind
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_it_is_sent_small_to_whoever_can_read_that(client: FlaskClient, dist: Path) -> None:
    file = the(dist, "app.*.css")
    answer = client.get(f"/static/{file.name}", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(answer.data) == file.read_bytes()
    assert len(answer.data) < file.stat().st_size / 4


def test_what_the_browser_has_is_not_sent_again(client: FlaskClient, dist: Path) -> None:
    address = f"/static/{the(dist, 'app.*.js').name}"
    seal = client.get(address).headers["ETag"]
    answer = client.get(address, headers={"If-None-Match": seal})
    assert (answer.status_code, answer.data) == (304, b"")


@pytest.mark.asvs("V5.3.1", "V5.3.2", "V13.4.1", "V13.4.3", "V13.4.7")
@pytest.mark.parametrize(
    "path", ["manifest.json", "app.css", "../assets/__init__.py", "..%2fassets%2f__init__.py", "core/base.css", ""]
)
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404


def test_without_a_build_the_error_names_the_remedy(tmp_path: Path) -> None:
    app = Flask("assets", static_folder=None)
    assets.start(app, tmp_path)
    with app.test_request_context(), pytest.raises(assets.NotBuilt, match="make assets"):
        app.jinja_env.globals["asset"]("app.css")


def test_an_icon_is_decoration_and_comes_from_the_sprite(app: Flask) -> None:
    with app.test_request_context():
        drawn = app.jinja_env.globals["icon"]("search", "icon-small")
    assert re.fullmatch(
        r'<svg class="icon icon-small" aria-hidden="true"><use href="/static/icons\.[0-9a-f]{16}\.svg#search">'
        r"</use></svg>",
        drawn,
    )


def test_an_unknown_icon_is_an_error_and_not_a_hole(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(assets.NotBuilt, match="no-such-icon"):
        app.jinja_env.globals["icon"]("no-such-icon")


def test_icons_are_found_where_code_and_templates_name_them(tmp_path: Path) -> None:
    (tmp_path / "plugin.py").write_text(
        'NavItem(_("Boats"), "boats.list_boats", "sailboat", 10)\nSTAGE_ICONS = {\n "a": "anchor",\n}\n'
    )
    (tmp_path / "page.html").write_text(
        "{{ icon('wind' if calm else \"storm\") }} \"not-this\" {{ state(word, mark='fish') }}"
    )
    assert {"sailboat", "anchor", "wind", "storm", "fish"} <= names_used([tmp_path])
    assert "not-this" not in names_used([tmp_path])


def test_rules_are_split_where_they_end() -> None:
    css = '@charset "x;y";a{b:c}@media print{d{e:"}"}f{g:h}}i{j:k}'
    assert list(statements(css)) == ['@charset "x;y";', "a{b:c}", '@media print{d{e:"}"}f{g:h}}', "i{j:k}"]


def test_dark_rules_also_follow_the_system() -> None:
    css = ".a,[data-bs-theme=dark] .b{c:d}.e{f:g}"
    extra = "@media (prefers-color-scheme:dark){[data-bs-theme=auto] .b{c:d}}"
    assert following_the_system(css) == f".a,[data-bs-theme=dark] .b{{c:d}}{extra}.e{{f:g}}"


def test_pictures_in_a_sheet_become_files() -> None:
    kept: list[str] = []
    css = "a{b:url(\"data:image/svg+xml,%3csvg xmlns='x'%3e%3c/svg%3e\")}"
    assert with_files_for_pictures(css, lambda svg: kept.append(svg) or "p.svg") == 'a{b:url("p.svg")}'
    assert kept == ["<svg xmlns='x'></svg>"]


def test_addresses_are_replaced_whatever_their_quotes() -> None:
    css = "a{b:url(x.svg)}c{d:url( 'x.svg' )}"
    assert with_addresses(css, lambda name: f"built-{name}") == 'a{b:url("built-x.svg")}c{d:url("built-x.svg")}'
