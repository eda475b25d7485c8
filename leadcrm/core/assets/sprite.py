"""One file with the icons that are used, and no others."""

import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

# Where a name of an icon is written down: icon("home"), icon="home", mark="home" (arguments of macros), NavItem(…, "home"),
# STAGE_ICONS = {…: "home"}, {% set stage_icons = {…: "home"} %}.
PLACES = (
    re.compile(r"""\bicon\(([^)]*)\)"""),
    re.compile(r"""["']?\b(?:icon|mark)["']?\s*[=:]\s*(["'][a-z0-9-]+["'])"""),
    re.compile(r"""\bNavItem\((.*?)\n?\)""", re.DOTALL),
    re.compile(r"""\b[A-Z_]*ICONS?\b[^=\n]*=\s*[({\[]?(.*?)[)}\]\n]""", re.DOTALL),
    re.compile(r"""\{%-?\s*set \w*icons?\b\s*=\s*(.*?)%\}""", re.DOTALL),
)
QUOTED = re.compile(r"""["']([a-z0-9][a-z0-9-]*)["']""")
SOURCES = ("*.py", "*.html", "*.js")


def names_used(packages: Iterable[Path]) -> set[str]:
    """Every quoted word in a place where icons are named (too many does no harm, unknown words fall out later)."""
    texts = (file.read_text() for package in packages for kind in SOURCES for file in sorted(package.rglob(kind)))
    return {name for text in texts for place in PLACES for match in place.findall(text) for name in QUOTED.findall(match)}


def sprite(icons: Path, names: Iterable[str]) -> tuple[str, list[str]]:
    """The sprite and the names in it; `name-filled` is the solid form."""
    files = {name: _file(icons, name) for name in sorted(names)}
    drawn = {name: _symbol(name, file) for name, file in files.items() if file.exists()}
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(drawn.values())}</svg>\n', list(drawn)


def _file(icons: Path, name: str) -> Path:
    if name.endswith("-filled"):
        return icons / "filled" / f"{name.removesuffix('-filled')}.svg"
    return icons / "outline" / f"{name}.svg"


def _symbol(name: str, file: Path) -> str:
    root = ElementTree.fromstring(file.read_text())
    shapes = (child for child in root if child.get("stroke") != "none")  # that one is Tabler's invisible frame
    inside = "".join(ElementTree.tostring(child, encoding="unicode").strip() for child in shapes)
    inside = re.sub(r'\s?xmlns(:\w+)?="[^"]*"', "", inside).replace("ns0:", "")
    paint = 'fill="currentColor"' if name.endswith("-filled") else (
        'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
    )
    return f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{inside}</symbol>'
