"""Words that leads are found by, as kept in the search column and as asked for.

Every word carries a short mark of its company, so that one index serves all companies and each search reads only
the words of its own. A birth date and a bank account number stand among them as keyed fingerprints, which nobody can
type: they are found when they are typed whole, and opened to nobody.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from leadcrm.core.crypto import keyring
from leadcrm.core.fields.dates import BirthDate
from leadcrm.core.fields.kinds import Invalid, Kind
from leadcrm.core.fields.people import Iban
from leadcrm.leads.services.names import Words, normalised
from leadcrm.leads.services.sounding import asked_fingerprints, is_name_like

NAMES = ("first_names", "call_name", "birth_name", "correspondence_name", "city")
LONGEST_WORD, MOST_WORDS, SHORTEST_PREFIX = 60, 8, 3
LONGEST_TYPED = 200
# So many people have one of these in their name that they say nothing beside another word.
INFIXES = frozenset((
    "van", "de", "der", "den", "het", "ten", "ter", "te", "tot", "op", "in", "la", "le", "el", "al", "von", "zu", "du",
    "dos", "da", "di",
))  # fmt: skip
PROVIDERS = frozenset((  # everybody has their mail there: it tells nobody apart
    "gmailcom", "hotmailcom", "hotmailnl", "outlookcom", "livenl", "livecom", "icloudcom", "yahoocom", "msncom",
    "ziggonl", "kpnmailnl", "planetnl", "homenl", "xs4allnl", "upcmailnl", "casemanl", "hetnetnl", "telfortnl",
))  # fmt: skip

_NOT_A_LETTER = re.compile(r"[\W_]+")
_PHONE = re.compile(r"(?<!\w)(?:tel\.?:? ?)?(\+?\(?[0-9][0-9 ().\-/]{4,28}[0-9])(?!\w)")
_POSTCODE = re.compile(r"\b([1-9][0-9]{3}) ?([a-z]{2})(?:[ ,]+(?:nr\.? ?|huisnummer )?([0-9]{1,5}))?\b")
_ACCOUNT = re.compile(r"\b[a-z]{2}[0-9]{2}(?:[ .-]?[a-z0-9]{4}){2,7}(?:[ .-]?[a-z0-9]{1,3})?\b")
_MONTH = "jan|feb|mrt|maart|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec"
_DAY = re.compile(
    rf"(?<![\w-])(?:[0-9]{{1,2}} ?[-/.] ?[0-9]{{1,2}} ?[-/.] ?[0-9]{{4}}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
    rf"|[0-9]{{1,2}} (?:{_MONTH})[a-z]* [0-9]{{4}})(?![\w-])"
)
_REFERENCE = re.compile(
    r"(?<![\w-])(?:l ?-? ?)?(20[0-9]{2})-([0-9]{1,7})(?![\w-])|\bl ?-? ?(20[0-9]{2}) ?-? ?([0-9]{1,9})\b"
)
REFERENCE_DIGITS = 5
WHOLE_NUMBER = 10
OR = "|"  # between notations of one number; no typed word has it


@dataclass(frozen=True)
class Asked:
    """What was typed, understood. `words` are whole and without a mark; the last may have only begun."""

    words: tuple[str, ...]
    secret: tuple[str, ...] = ()  # fingerprints of a birth date or a bank account
    kinds: frozenset[str] = frozenset()  # which of both
    noted: tuple[str, ...] = ()  # as the words of a note are cut

    @property
    def begins(self) -> bool:
        """A whole telephone number has not only begun."""
        last = self.words[-1] if self.words else ""
        return len(last) >= SHORTEST_PREFIX and not (OR in last and len(last) > 2 * WHOLE_NUMBER)


def mark_of(company_id: UUID) -> str:
    return company_id.hex[:6]


def search_words(company_id: UUID, lead: Words, persons: Sequence[Words]) -> set[str]:
    """Names, e-mail addresses, telephone numbers, addresses and references, each as people might type it; birth dates
    and bank accounts as fingerprints."""
    found = {_joined(lead.get(name) or "") for name in ("reference", "external_reference")}
    for person in persons:
        for name in NAMES:
            found.update(_parts(person.get(name) or ""))
        found.add(_joined(person.get("initials") or ""))
        found.update(_email_words(person.get("email") or ""))
        found.add((person.get("phone") or "").removeprefix("+"))
        found.update(_address_words(person))
        found.update(_secret_words(company_id, person.get("birth_date"), person.get("iban")))
    return {word[:LONGEST_WORD] for word in found if word}


def search_vector(company_id: UUID, words: Iterable[str]) -> str:
    """The words as a tsvector is written."""
    mark = mark_of(company_id)
    return " ".join(_quoted(mark + word) for word in sorted(words))


def search_query(company_id: UUID, typed: str) -> str | None:
    """What was typed as a tsquery: all words, the last one also when it has only begun. None when nothing is left."""
    asked = understood(company_id, typed)
    return _query(company_id, asked, asked.begins) if asked.words or asked.secret else None


def found_by(company_id: UUID, typed: str, *, ranked: bool = False) -> str | None:
    """What was typed, as leads_found() takes it; None when nothing is left of it. `ranked`: whole words first."""
    asked = understood(company_id, typed)
    if not (asked.words or asked.secret):
        return None
    queries: dict[str, object] = {"begins": _query(company_id, asked, asked.begins)}
    if ranked and asked.begins:
        queries["exact"] = _query(company_id, asked, False)
    if asked.noted:
        queries["noted"] = _noted(company_id, asked.noted)
    if any(map(is_name_like, asked.words)):
        queries["like"] = _like(company_id, asked)
    return json.dumps(queries, ensure_ascii=False)


def understood(company_id: UUID, typed: str) -> Asked:
    """In which words, whatever the notation: a telephone number, a postcode, a date and an account are one each."""
    text = normalised(typed.replace("\x00", "")[:LONGEST_TYPED]).strip()
    secret: dict[str, str] = {}
    rest = _ACCOUNT.sub(lambda match: _taken(match[0], "iban", Iban(), secret), text)
    rest = _DAY.sub(lambda match: _taken(match[0], "birth_date", BirthDate(), secret), rest)
    numbers: list[str] = []
    rest = _REFERENCE.sub(_reference, rest)
    rest = _PHONE.sub(lambda match: _phone_taken(match, numbers), rest)
    rest = _POSTCODE.sub(lambda match: "".join(part for part in match.groups() if part), rest)
    words = [word if "@" in word.strip("@") else _joined(word) for word in rest.split()]
    words = [word for word in words if len(word) > 1] or [word for word in words if word]
    words = [word for word in words if word not in INFIXES] or words
    whole = tuple(word[:LONGEST_WORD] for word in (*numbers, *words))[:MOST_WORDS]
    noted = () if secret else tuple(word for word in _NOT_A_LETTER.split(text) if len(word) > 1)[:MOST_WORDS]
    return Asked(
        whole, tuple(_fingerprint(company_id, each) for each in secret), frozenset(secret.values()), noted
    )


def birth_key(company_id: UUID, born: date | None, birth_name: str | None) -> int | None:
    """Finds the same birth date with the same birth name, without opening either."""
    if born is None or not birth_name:
        return None
    return keyring().blind_index(company_id, "leads_person.birth", f"{born.isoformat()}|{_joined(birth_name)}")


def _secret_words(company_id: UUID, born: date | None, account: str | None) -> Iterator[str]:
    if born is not None:
        yield _fingerprint(company_id, born.isoformat())
    if account:
        yield _fingerprint(company_id, account)


def _fingerprint(company_id: UUID, value: str) -> str:
    """Begins as no typed word can, so nobody finds it by guessing at fingerprints."""
    return f"#{keyring().blind_index(company_id, 'leads_lead.search', value) % 2**64:016x}"


def _taken(typed: str, name: str, kind: Kind, secret: dict[str, str]) -> str:
    """Out of the text, when it is what it looks like."""
    try:
        value = kind.parse(typed)
    except Invalid:
        return typed
    secret[kind.dump(value)] = name
    return " "


def _reference(match: re.Match[str]) -> str:
    """As it is kept, however many noughts were typed."""
    year, number = (part for part in match.groups() if part)
    return f"l{year}{number.lstrip('0'):0>{REFERENCE_DIGITS}}"


def _phone_taken(match: re.Match[str], numbers: list[str]) -> str:
    digits = re.sub(r"[^0-9]", "", match[1].replace("(0)", ""))
    if len(digits) < SHORTEST_PREFIX + 3:
        return match[0]
    abroad = digits.removeprefix("00") if digits.startswith("00") else f"31{digits[1:]}"
    numbers.append(f"{abroad}{OR}{digits}" if digits.startswith("0") else digits)  # or somebody's reference
    return " "


def _query(company_id: UUID, asked: Asked, begins: bool) -> str:
    return " & ".join(_terms(company_id, (*asked.secret, *asked.words), begins))


def _terms(company_id: UUID, words: Sequence[str], begins: bool) -> list[str]:
    """Each as a tsquery has it, the last one also when it has only begun."""
    mark, ends = mark_of(company_id), [""] * (len(words) - 1) + [":*" if begins else ""]
    ways = [word.split(OR) if word.replace(OR, "").isdigit() else [word] for word in words]
    either = [[_quoted(mark + way) + end for way in each] for each, end in zip(ways, ends, strict=True)]
    return [each[0] if len(each) == 1 else f"({' | '.join(each)})" for each in either]


def _noted(company_id: UUID, words: Sequence[str]) -> str:
    return " & ".join(_terms(company_id, [word[:LONGEST_WORD] for word in words], len(words[-1]) >= SHORTEST_PREFIX))


def _like(company_id: UUID, asked: Asked) -> list[dict[str, object]]:
    """Every word as it was typed, with fingerprints of what else may be meant where that can be a name."""
    words = (*asked.secret, *asked.words)
    terms = _terms(company_id, words, asked.begins)
    meant = [asked_fingerprints(word) if is_name_like(word) else [] for word in words]
    return [{"word": term, "meant": each} for term, each in zip(terms, meant, strict=True)]


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
        yield from (normalised(email), _joined(local))
        yield from _NOT_A_LETTER.split(local)
        if _joined(domain) not in PROVIDERS:
            yield _joined(domain)


def _address_words(person: Words) -> Iterator[str]:
    postcode = _joined(person.get("postcode") or "")
    if postcode:
        yield postcode
        if person.get("house_number"):
            yield f"{postcode}{person['house_number']}"
