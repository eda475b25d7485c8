"""Words that leads are found by, as kept in the search column and as asked for.

Every word carries a short mark of its company, so that one index serves all companies and each search reads only
the words of its own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from uuid import UUID

from leadcrm.core.crypto import keyring
from leadcrm.leads.services.names import Words, normalised

NAMES = ("first_names", "call_name", "infix", "birth_name", "correspondence_name", "city")
LONGEST_WORD, MOST_WORDS, SHORTEST_PREFIX = 60, 8, 3

_NOT_A_LETTER = re.compile(r"[\W_]+")
_PHONE = re.compile(r"\+?[0-9 ().\-/]{6,30}")
_POSTCODE = re.compile(r"\b([1-9][0-9]{3}) ?([a-z]{2})(?: ([0-9]{1,5}))?\b")


def mark_of(company_id: UUID) -> str:
    return company_id.hex[:6]


def search_words(lead: Words, persons: Sequence[Words]) -> set[str]:
    """Names, e-mail addresses, telephone numbers, addresses and references, each as people might type it."""
    found = {_joined(lead.get(name) or "") for name in ("reference", "external_reference")}
    for person in persons:
        for name in NAMES:
            found.update(_parts(person.get(name) or ""))
        found.add(_joined(person.get("initials") or ""))
        found.update(_email_words(person.get("email") or ""))
        found.update(_phone_words(person.get("phone") or ""))
        found.update(_address_words(person))
    return {word[:LONGEST_WORD] for word in found if word}


def search_vector(company_id: UUID, words: Iterable[str]) -> str:
    """The words as a tsvector is written."""
    mark = mark_of(company_id)
    return " ".join(_quoted(mark + word) for word in sorted(words))


def search_query(company_id: UUID, typed: str) -> str | None:
    """What was typed as a tsquery: all words, the last one also when it has only begun. None when nothing is left."""
    words = list(_typed_words(typed))[:MOST_WORDS]
    if not words:
        return None
    mark = mark_of(company_id)
    terms = [_quoted(mark + word) for word in words]
    if len(words[-1]) >= SHORTEST_PREFIX:
        terms[-1] += ":*"
    return " & ".join(terms)


def birth_key(company_id: UUID, born: date | None, birth_name: str | None) -> int | None:
    """Finds the same birth date with the same birth name, without opening either."""
    if born is None or not birth_name:
        return None
    return keyring().blind_index(company_id, "leads_person.birth", f"{born.isoformat()}|{_joined(birth_name)}")


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def _joined(text: str) -> str:
    return _NOT_A_LETTER.sub("", normalised(text))


def _parts(text: str) -> Iterator[str]:
    """`Jansen-Smit` is found as jansen, smit and jansensmit."""
    for word in normalised(text).split():
        yield _joined(word)
        if not word.isalnum():
            yield from _NOT_A_LETTER.split(word)


def _email_words(email: str) -> Iterator[str]:
    if email:
        local, _at, domain = normalised(email).partition("@")
        yield from (normalised(email), _joined(local), _joined(domain))
        yield from _NOT_A_LETTER.split(local)


def _phone_words(phone: str) -> Iterator[str]:
    digits = phone.removeprefix("+")
    if digits:
        yield digits
        if phone.startswith("+31"):
            yield "0" + digits[2:]


def _address_words(person: Words) -> Iterator[str]:
    postcode = _joined(person.get("postcode") or "")
    if postcode:
        yield postcode
        if person.get("house_number"):
            yield f"{postcode}{person['house_number']}"


def _typed_words(typed: str) -> Iterator[str]:
    text = normalised(typed.replace("\x00", "")[:200]).strip()
    if _PHONE.fullmatch(text) and sum(map(str.isdigit, text)) >= SHORTEST_PREFIX + 3:
        yield _phone_typed(text)
        return
    text = _POSTCODE.sub(lambda match: "".join(part for part in match.groups() if part), text)
    words = [word if "@" in word.strip("@") else _joined(word) for word in text.split()]
    long = [word for word in words if len(word) > 1]
    yield from (word[:LONGEST_WORD] for word in long or words if word)


def _phone_typed(text: str) -> str:
    digits = re.sub(r"[^0-9]", "", text.replace("(0)", ""))
    return digits.removeprefix("00")
