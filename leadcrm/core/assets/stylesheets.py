"""What a style sheet needs before it may live under our Content-Security-Policy: no data: addresses, own files only."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

DATA_SVG = re.compile(r"""url\((["'])data:image/svg\+xml(?:;[^,"']*)?,(.*?)\1\)""", re.DOTALL)
ADDRESS = re.compile(r"""url\(\s*(["']?)(?!data:)([^"')]+)\1\s*\)""")
SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/")
COMMENT = re.compile(r"/\*(?!!).*?\*/", re.DOTALL)
DARK = "[data-bs-theme=dark]"
AUTO = "[data-bs-theme=auto]"


def without_comments(css: str) -> str:
    """Source maps and remarks gone; licence notices (`/*!`) stay."""
    return COMMENT.sub("", SOURCE_MAP.sub("", css)).strip() + "\n"


def with_files_for_pictures(css: str, keep: Callable[[str], str]) -> str:
    """Every picture written into the sheet becomes a file; `keep(svg)` stores it and returns its address."""

    def store(match: re.Match[str]) -> str:
        svg = unquote(match[2]).replace('\\"', '"').replace("\\'", "'")
        return f'url("{keep(svg)}")'

    return DATA_SVG.sub(store, css)


def with_addresses(css: str, resolve: Callable[[str], str]) -> str:
    """Every `url(name)` replaced by the address of the built file of that name."""
    return ADDRESS.sub(lambda match: f'url("{resolve(match[2])}")', css)


def statements(css: str) -> Iterator[str]:
    """The top-level rules of a style sheet, strings and nested braces respected."""
    start = depth = 0
    quote = ""
    for position, character in enumerate(css):
        if quote:
            quote = "" if character == quote and css[position - 1] != "\\" else quote
        elif character in "\"'":
            quote = character
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
        if not quote and depth == 0 and character in "};":
            yield css[start : position + 1]
            start = position + 1


def following_the_system(css: str) -> str:
    """The dark rules once more for `data-bs-theme=auto`, inside the media query of the system's own preference.

    So a page follows the system without a script, and never flashes in the other colours first.
    """
    return "".join(rule + _dark_by_system(rule) for rule in statements(css))


def _dark_by_system(rule: str) -> str:
    selector, brace, body = rule.partition("{")
    chosen = [part for part in selector.split(",") if DARK in part and ":not(" not in part and "light" not in part]
    if selector.lstrip().startswith("@") or not chosen:
        return ""
    return "@media (prefers-color-scheme:dark){" + ",".join(chosen).replace(DARK, AUTO).strip() + brace + body + "}"
