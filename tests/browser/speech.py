"""What stands on the screen, in both languages: tests name a text as the source does and look for what people see."""

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.pofile import read_po

from leadcrm.core.db import Base
from leadcrm.core.fields import places
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.terms import Terms

PACKAGE = Path(__file__).parents[2] / "leadcrm"


@cache
def dutch() -> dict[str, str]:
    """English to Dutch, over all plugins; of a plural its first form."""
    words: dict[str, str] = {}
    for file in sorted(PACKAGE.rglob("translations/nl/LC_MESSAGES/messages.po")):
        for message in read_po(BytesIO(file.read_bytes()), locale="nl"):
            if message.id and message.string:
                source, target = message.id, message.string
                words[source if isinstance(source, str) else source[0]] = (
                    target if isinstance(target, str) else target[0]
                )
    return words


def say(language: str, text: str, **values: object) -> str:
    """A text of the source in this language."""
    spoken = dutch()[text] if language == "nl" else text
    return spoken % values if values else spoken


def _pairs() -> Iterator[tuple[str, str]]:
    """Dutch and English of every text, field and term."""
    yield from ((target, source) for source, target in dutch().items())
    for mapper in Base.registry.mappers:
        yield from ((facts.nl, facts.en) for facts in facts_of(mapper.class_).values())
    yield from ((member.nl, member.en) for terms in Terms.__subclasses__() for member in terms)
    yield from places._PEOPLES.values()


@cache
def foreign(language: str) -> frozenset[str]:
    """Texts that only the other language has: none of them may stand on a page in this one."""
    pairs = list(_pairs())
    ours = {pair[0 if language == "nl" else 1] for pair in pairs}
    theirs = {pair[1 if language == "nl" else 0] for pair in pairs}
    return frozenset(text for text in theirs - ours if "%" not in text and len(text) > 2)
