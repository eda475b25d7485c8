"""One file with the icons that are used, and no others."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

# Where Python names an icon: icon("home"), icon="home", mark="home", NavItem(…, "home"), STAGE_ICONS = {…: "home"}.
INSIDE = r"\((?:[^()]|\([^()]*\))*\)"  # up to the closing bracket, one call deep
IN_PYTHON = (
    re.compile(rf"\b(?:icon|NavItem){INSIDE}"),
    re.compile(r"""["']?\b(?:icon|mark)["']?\s*[=:]\s*["'][a-z0-9-]+["']"""),
    re.compile(rf"\b[A-Z_]*ICONS?\b[^=\n]*=\s*(?:\{{[^}}]*\}}|\[[^\]]*\]|{INSIDE}|[^\n]*)"),
)
# A template may hand a name to any macro: every quoted word in it counts.
IN_TEMPLATES = (re.compile(r"""\{[{%].*?[%}]\}""", re.DOTALL),)
DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
FRAME = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'
SOLID = 'fill="currentColor"'
LINES = 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
QUOTED = re.compile(r"""["']([a-z0-9][a-z0-9-]*)["']""")


def names_used(packages: Iterable[Path]) -> set[str]:
    """Every quoted word where icons may be named; those that are no icons fall out when the sprite is drawn."""
    found: set[str] = set()
    for package in packages:
        for ending, places in (("py", IN_PYTHON), ("html", IN_TEMPLATES)):
            for file in package.rglob(f"*.{ending}"):
                found.update(_quoted(file.read_text(), places))
    return found


def _quoted(text: str, places: Iterable[re.Pattern[str]]) -> Iterator[str]:
    for place in places:
        for match in place.finditer(text):
            yield from QUOTED.findall(match[0])


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
    inside = " ".join(DRAWING.findall(file.read_text())[0].replace(FRAME, "").split())
    return f'<symbol id="{name}" viewBox="0 0 24 24" {SOLID if name.endswith("-filled") else LINES}>{inside}</symbol>'
