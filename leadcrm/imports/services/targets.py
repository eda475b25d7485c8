"""Where a column can go: the importable fields of a household, part by part, from the facts of their models; and what
other plugins take in besides (own.py)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import inspect

from leadcrm.core.db import session
from leadcrm.core.fields.facts import Facts, facts_of
from leadcrm.core.fields.kinds import Kind
from leadcrm.core.fields.language import in_dutch
from leadcrm.core.fields.text import Text
from leadcrm.core.scope import NoViewer, current_viewer
from leadcrm.imports.services import own
from leadcrm.leads.models.asset import Asset
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import ExistingMortgage, LoanPart, Wish
from leadcrm.leads.models.obligation import Obligation
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.property import Property

Splitter = Callable[[str], dict[str, str]]


@dataclass(frozen=True)
class Part:
    """One row of a household that a line of a file can fill."""

    key: str
    model: type[Any]
    nl: str
    en: str

    @property
    def label(self) -> str:
        return self.nl if in_dutch() else self.en


LEAD = Part("lead", Lead, "Lead", "Lead")
APPLICANT = Part("applicant", Person, "Aanvrager", "Applicant")
PARTNER = Part("partner", Person, "Mede-aanvrager", "Co-applicant")
INCOME = Part("income", Income, "Inkomen aanvrager", "Applicant's income")
PARTNER_INCOME = Part("partner_income", Income, "Inkomen mede-aanvrager", "Co-applicant's income")
PROPERTY = Part("property", Property, "Woning", "Property")
WISH = Part("wish", Wish, "Hypotheekwens", "Mortgage wish")
LOAN_PART = Part("loan_part", LoanPart, "Leningdeel", "Loan part")
EXISTING = Part("existing", ExistingMortgage, "Huidige hypotheek", "Existing mortgage")
OBLIGATION = Part("obligation", Obligation, "Verplichting", "Obligation")
ASSET = Part("asset", Asset, "Vermogen", "Asset")
PARTS = (
    LEAD, APPLICANT, PARTNER, INCOME, PARTNER_INCOME, PROPERTY, WISH, LOAN_PART, EXISTING, OBLIGATION, ASSET,
)  # fmt: skip
PEOPLE = (APPLICANT, PARTNER)
OWN = Part("own", Lead, "Van het kantoor zelf", "Of the office itself")


@dataclass(frozen=True)
class Target:
    """One field that a column can fill. `lookup` names a list of rows by their name; `split` feeds several fields.
    `asked`: of the office itself, and strangers may see and answer it (web forms)."""

    part: Part
    name: str
    nl: str
    en: str
    kind: Kind
    required: bool = False
    lookup: str = ""
    split: Splitter | None = None
    asked: bool = False

    @property
    def key(self) -> str:
        return f"{self.part.key}.{self.name}"

    @property
    def label(self) -> str:
        return self.nl if in_dutch() else self.en


NAME = Text(120)
LOOKUPS = (
    ("owner_id", "owner", "Adviseur (e-mail of naam)", "Adviser (e-mail or name)"),
    ("source_id", "source", "Leadbron", "Lead source"),
    ("label_id", "label", "Label", "Label"),
    ("supplier_id", "supplier", "Leverancier", "Supplier"),
)
_INFIXES = frozenset({
    "van", "de", "der", "den", "ten", "ter", "te", "het", "'t", "'s", "in", "op", "onder", "aan", "bij", "over", "uit",
    "uijt", "tot", "d'", "l'", "la", "le", "les", "du", "des", "el", "al", "bin", "ben", "von", "zu", "da", "di",
    "do", "dos",
})  # fmt: skip
_HOUSE = re.compile(r"(.*?[^\d\s,]),?\s+(\d{1,5})(?:\s*[-/ ]?\s*([0-9A-Za-z][0-9A-Za-z /.+-]{0,11}))?")
_NUMBER_AND_SUFFIX = re.compile(r"(\d{1,5})\s*[-/ ]?\s*([0-9A-Za-z][0-9A-Za-z /.+-]{0,11})?")


def split_name(text: str) -> dict[str, str]:
    """`J.P. van der Berg`, `Berg, van der, Jan`, `Jan Berg`: a guess that people check in the preview."""
    last, comma, rest = (part.strip() for part in text.partition(","))
    infix, _comma, first = (part.strip() for part in rest.rpartition(","))
    words = [*first.split(), *infix.split(), last] if comma else text.split()
    start = end = max(0, len(words) - 1)
    inner = [place for place, word in enumerate(words[:-1]) if word.lower() in _INFIXES]
    if inner:
        start = end = inner[0]
        while end in inner:
            end += 1
    given = " ".join(words[:start])
    return {
        "initials" if "." in given or (given.isupper() and len(given) < 4) else "call_name": given,
        "infix": " ".join(words[start:end]).lower(),
        "birth_name": " ".join(words[end:]),
    }


def split_street(text: str) -> dict[str, str]:
    """`Kerkstraat 12a`, `Laan van Meerdervoort 1205 bis`."""
    match = _HOUSE.fullmatch(text.strip())
    if match is None:
        return {"street": text}
    return {"street": match[1], "house_number": match[2], "house_suffix": match[3] or ""}


def split_number(text: str) -> dict[str, str]:
    """A house number with what belongs in its suffix."""
    match = _NUMBER_AND_SUFFIX.fullmatch(text.strip())
    if match is None:
        return {"house_number": text}
    return {"house_number": match[1], "house_suffix": match[2] or ""}


def targets() -> dict[str, Target]:
    """Every target by its key, in the order of the record; those of the viewer's company last."""
    own_ones = own_targets()
    return targets_of_all() | own_ones if own_ones else targets_of_all()


def own_targets() -> dict[str, Target]:
    """Asked once a request or job, of whoever looks."""
    company_id = _company()
    if company_id is None:
        return {}
    known: dict[UUID, dict[str, Target]] = session.info.setdefault("own_targets", {})
    if company_id not in known:
        known[company_id] = {each.key: each for source in own.sources() for each in source.targets()}
    return known[company_id]


def _company() -> UUID | None:
    try:
        return current_viewer().company_id
    except NoViewer:
        return None


@cache
def targets_of_all() -> dict[str, Target]:
    """The same for every company."""
    made = [target for part in PARTS for target in _targets_of(part)]
    return {target.key: target for target in made}


def _targets_of(part: Part) -> list[Target]:
    known = facts_of(part.model).values()
    made = [_target(part, facts, facts.kind) for facts in known if facts.importable and facts.kind]
    if part is LEAD:
        made += [Target(part, name, nl, en, NAME, lookup=lookup) for name, lookup, nl, en in LOOKUPS]
    if part in PEOPLE:
        made.append(Target(part, "full_name", "Naam in één kolom", "Name in one column", NAME, split=split_name))
    if part in (*PEOPLE, PROPERTY):
        label = ("Straat en huisnummer in één kolom", "Street and house number in one column")
        made.append(Target(part, "full_street", *label, Text(160), split=split_street))
    return made


def _target(part: Part, facts: Facts, kind: Kind) -> Target:
    column = inspect(part.model).columns[facts.name]
    needed = not column.nullable and column.default is None
    split = split_number if facts.name == "house_number" else None
    required = needed or (part is LEAD and facts.required)
    return Target(part, facts.name, facts.nl, facts.en, kind, required=required, split=split)


def kind_of(part: Part, name: str) -> Kind:
    return targets()[f"{part.key}.{name}"].kind
