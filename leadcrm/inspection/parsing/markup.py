"""XML without what makes XML dangerous: no document types, so no entities, and no endless nesting."""

from collections.abc import Callable, Iterable, Mapping
from typing import NoReturn
from xml.parsers import expat

from leadcrm.inspection.parsing.refusing import No

MOST_DEPTH = 400
Start = Callable[[str, Mapping[str, str]], None]


def local(name: str) -> str:
    """Without its namespace."""
    return name.rpartition(" ")[2]


def _no_type(*_said: object) -> NoReturn:
    raise No("damaged", "a document type")


def walk(
    pieces: Iterable[bytes],
    start: Start,
    end: Callable[[str], None] = lambda _name: None,
    words: Callable[[str], None] = lambda _words: None,
) -> None:
    """Names and attributes arrive without their namespaces."""
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = 0

    def opens(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise No("damaged", "depth")
        start(local(name), {local(key): value for key, value in attributes.items()})

    def closes(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(local(name))

    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _no_type
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = opens, closes, words
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as problem:
        raise No("damaged", f"XML: {problem.code}") from None
