"""A first mapping for a file: by its titles, checked against its first values. People change it where it is wrong."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache, lru_cache
from statistics import median

from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.fields.money import Money, Whole
from leadcrm.imports.services.mapping import Column, Mapping
from leadcrm.imports.services.synonyms import ANSWERS, HERS, INCOME, OTHER, PARTNERS, PERSON
from leadcrm.imports.services.targets import APPLICANT, PARTS, Target, own_targets, targets, targets_of_all
from leadcrm.imports.services.values import is_empty, reader

FITS = 0.98  # of the values that are there
SAMPLE = 300

# What a lead gets when the file does not say it: the commonest; shown in the wizard, to be changed there.
USUAL = {
    "lead.goal": "purchase_existing",
    "income.employment": "10",
    "partner_income.employment": "10",
    "obligation.kind": "other",
    "asset.kind": "savings",
}

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_OTHERS = re.compile(r"[^a-z0-9]+")
_NUMBER = re.compile(r"\d[\d.,]{0,18}(e\+?\d{1,2})?", re.IGNORECASE)
_LOOKS = (
    ("applicant.email", re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)),
    ("applicant.iban", re.compile(r"[a-z]{2}\d\d ?[a-z]{4}[\d ]{8,}", re.IGNORECASE)),
    ("applicant.phone", re.compile(r"(\+31|0031|0)[ -]?6[ -]?(\d[ -]?){8}")),
    ("applicant.postcode", re.compile(r"[1-9]\d{3} ?[a-z]{2}", re.IGNORECASE)),
)


def phrase(title: str) -> str:
    """`Loan_Amount_Term`, `loanAmountTerm` and `Loan amount term` are one phrase."""
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", title)).encode("ascii", "ignore").decode()
    return _OTHERS.sub(" ", plain.lower()).strip()


@cache
def phrases() -> dict[str, str]:
    """The target of every phrase that is known; what stands first wins."""
    known: dict[str, str] = {}
    for words, key in _phrases():
        known.setdefault(phrase(words), key)
    return known


def _phrases() -> Iterator[tuple[str, str]]:
    for key, words in OTHER.items():
        yield from ((word, key) for word in words.split("|"))
    for part in PARTS:
        for target in targets_of_all().values():
            if target.part is part:
                yield from ((word, target.key) for word in _words_of(target))


def _words_of(target: Target) -> Iterator[str]:
    part = target.part.key
    names = [target.nl, target.en, target.name]
    if part in ("applicant", "partner"):
        names += PERSON.get(target.name, "").split("|")
    if part in ("income", "partner_income"):
        names += INCOME.get(target.name, "").split("|")
    if part in ("partner", "partner_income"):
        yield from _with(names, PARTNERS)
    else:
        yield from filter(None, names)
    if part == "existing":
        yield from _with(names, ("huidige", "current", "existing", "bestaande"))
    if part in ("applicant", "income"):
        yield from _with(names, HERS)
    yield f"{target.part.nl} {target.nl}"
    yield f"{target.part.en} {target.en}"
    yield target.key


def _with(names: Sequence[str], persons: Sequence[str]) -> Iterator[str]:
    for name in filter(None, names):
        for person in persons:
            yield f"{person} {name}"
            yield f"{name} {person}"


def suggest(titles: Sequence[str], rows: Sequence[Sequence[str]], decimal: str) -> Mapping:
    """Where each column could go. A column whose values do not fit is left for people to decide."""
    mapping = Mapping(decimal=decimal)
    for place, title in enumerate(titles):
        values = [row[place].strip() for row in rows[:SAMPLE] if place < len(row) and not is_empty(row[place])]
        mapping.columns[title] = _column(title, values, decimal, set(mapping.used()))
    one_way_to_write_names(mapping)
    usual = {target.key: USUAL.get(target.key, "") for target in mapping.needed() if target.key in USUAL}
    mapping.fixed = usual
    return mapping


def _column(title: str, values: Sequence[str], decimal: str, taken: set[str]) -> Column:
    key = target_named(title) or _target_that_looks_like(values)
    if not key or key in taken or not values:
        return Column()
    column = Column(key, _times(title, targets()[key], values, decimal), _answers(title, key))
    return column if _fits(column, values, decimal) else Column()


def target_named(title: str) -> str:
    wanted = phrase(title)
    return target_of_the_office(wanted) or target_of_everybody(wanted)


def target_of_the_office(wanted: str) -> str:
    """By its phrase, among those of the viewer's company."""
    return _phrases_of(tuple((each.key, each.nl, each.en) for each in own_targets().values())).get(wanted, "")


@lru_cache(maxsize=256)
def _phrases_of(named: tuple[tuple[str, str, str], ...]) -> dict[str, str]:
    known: dict[str, str] = {}
    for key, *names in named:
        for name in names:
            known.setdefault(phrase(name), key)
    return known


def target_of_everybody(wanted: str) -> str:
    """By its phrase, among the targets that every company has."""
    if wanted in phrases():
        return phrases()[wanted]
    close = get_close_matches(wanted, phrases(), n=1, cutoff=0.92) if len(wanted) > 6 else []
    return phrases()[close[0]] if close else ""


def _target_that_looks_like(values: Sequence[str]) -> str:
    for key, look in _LOOKS:
        if len(values) > 1 and all(look.fullmatch(value) for value in values):
            return key
    return ""


def _fits(column: Column, values: Sequence[str], decimal: str) -> bool:
    target = targets()[column.target]
    if target.lookup or target.split:
        return True
    read = reader(target.kind, decimal, column.times, column.words)
    return sum(_reads(read, value) for value in values) >= FITS * len(values)


def _reads(read: object, value: str) -> bool:
    try:
        read(value)  # type: ignore[operator]  # a Reader
    except Invalid:
        return False
    return True


def _answers(title: str, key: str) -> dict[str, str]:
    """`Self_Employed: Yes` names a kind of income only here."""
    meaning = ANSWERS.get(phrase(title))
    if meaning is None or not key.endswith(".employment"):
        return {}
    yes, no = meaning
    return dict.fromkeys(("yes", "ja", "y", "j", "1"), yes) | dict.fromkeys(("no", "nee", "n", "0"), no)


def _times(title: str, target: Target, values: Sequence[str], decimal: str) -> int:
    """Amounts of a few hundred are thousands, incomes of a few thousand are a month's; terms below fifty are years."""
    found = [number for value in values if (number := _number(value.strip("€$ "), decimal))]
    if not found:
        return 1
    middle, words = median(found), set(phrase(title).split())
    if isinstance(target.kind, Money):
        return _times_for_money(target, middle, words)
    if isinstance(target.kind, Whole) and target.kind.unit_en == "months":
        return 12 if max(found) <= 50 else 1
    return 1


def _times_for_money(target: Target, middle: float, words: set[str]) -> int:
    if target.name == "gross_year":
        if words & {"maand", "maandinkomen", "month", "monthly"}:
            return 12
        return 1_000 if middle < 1_000 else 12 if middle < 15_000 else 1
    large = target.part.key in ("wish", "property") and target.name not in ("canon", "own_funds", "extra_work")
    return 1_000 if large and middle < 2_000 else 1


def _number(text: str, decimal: str) -> float:
    plain = text.replace(".", "").replace(",", ".") if decimal == "," else text.replace(",", "")
    try:
        return float(plain) if _NUMBER.fullmatch(text) else 0.0
    except ValueError:
        return 0.0


def one_way_to_write_names(mapping: Mapping) -> None:
    """With a last name of its own, a column `Naam` is not taken apart as well."""
    used = mapping.used()
    for part in (APPLICANT.key, "partner"):
        if f"{part}.full_name" in used and f"{part}.birth_name" in used:
            mapping.columns[used[f"{part}.full_name"]] = Column()
        if f"{part}.full_street" in used and f"{part}.house_number" in used:
            mapping.columns[used[f"{part}.full_street"]] = Column(f"{part}.street")


def apply_template(template: Mapping, titles: Sequence[str]) -> Mapping:
    """A kept mapping on the titles of this file; they may stand in another order or be spaced differently."""
    kept = {phrase(title): column for title, column in template.columns.items()}
    columns = {title: kept.get(phrase(title), Column()) for title in titles}
    return Mapping(columns, dict(template.fixed), template.decimal)


def fits_template(template: Mapping, titles: Sequence[str]) -> bool:
    """Whether every column that the template uses is in this file."""
    here = {phrase(title) for title in titles}
    return all(phrase(title) in here for title, column in template.columns.items() if column.target)


