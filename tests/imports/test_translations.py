"""Every sentence of the kinds and of the wizard has its Dutch."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import leadcrm

PACKAGE = Path(leadcrm.__file__).parent
KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "lazy_ngettext": (1, 2),
}  # fmt: skip


def sentences(folder: Path) -> Iterator[Any]:
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    for _file, _line, message, _comments, _context in extract_from_dir(folder, methods, keywords=KEYWORDS):
        yield message


@pytest.mark.parametrize("folder", ["core/fields", "imports"])
def test_every_sentence_is_translated(folder: str) -> None:
    with (PACKAGE / folder / "translations/nl/LC_MESSAGES/messages.po").open("rb") as file:
        catalog = read_po(file, locale="nl")
    said = [message for message in catalog if message.id]
    known = {message.id if isinstance(message.id, str) else tuple(message.id): message for message in said}
    asked = set(sentences(PACKAGE / folder))
    assert asked - known.keys() == set()
    assert known.keys() - asked == set(), "no longer said"
    for message in known.values():
        assert all(message.string if isinstance(message.string, tuple) else (message.string,)), message.id
        assert not list(message.check(catalog)), message.id
