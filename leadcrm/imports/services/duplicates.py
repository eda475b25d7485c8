"""The strong keys of a household: e-mail, telephone, birth date and name, address and name, supplier's reference."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from leadcrm.imports.queries.known import Known, known_leads
from leadcrm.imports.services.plan import Household
from leadcrm.leads.services.finding import birth_key
from leadcrm.leads.services.names import normalised

Key = tuple[str, Any]

SAME = {
    "email": _("the same e-mail address"),
    "phone": _("the same telephone number"),
    "birth": _("the same birth date and birth name"),
    "address": _("the same address and last name"),
    "reference": _("the same reference of the supplier"),
}


def keys_of(company_id: UUID, household: Household) -> Iterator[Key]:
    """Strongest first."""
    reference = household["lead"].get("external_reference")
    if reference:
        yield "reference", reference
    for part in ("applicant", "partner"):
        person = household.get(part)
        if person:
            yield from _keys_of_person(company_id, person)


def _keys_of_person(company_id: UUID, person: dict[str, Any]) -> Iterator[Key]:
    if "email" in person:
        yield "email", person["email"]
    if "phone" in person:
        yield "phone", person["phone"]
    name = person.get("birth_name")
    if name and "birth_date" in person:
        yield "birth", birth_key(company_id, person["birth_date"], name)
    if name and "postcode" in person and "house_number" in person:
        yield "address", (person["postcode"], person["house_number"], normalised(name))


def find_known(company_id: UUID, keys: list[list[Key]]) -> Known:
    """The leads that have any of these keys already."""
    wanted: dict[str, set[Any]] = {}
    for of_line in keys:
        for kind, value in of_line:
            wanted.setdefault(kind, set()).add(value)
    found = known_leads(company_id, wanted)
    addresses = found.get("address", {}).items()
    found["address"] = {(code, number, normalised(name or "")): lead for (code, number, name), lead in addresses}
    return found


def same_as_lead(keys: list[Key], known: Known) -> tuple[UUID, LazyString] | None:
    """The lead that this household doubles, and why it is thought so."""
    for kind, value in keys:
        if value in known.get(kind, ()):
            ident, reference = known[kind][value]
            return ident, _("Known as %(reference)s: %(same)s.", reference=reference, same=SAME[kind])
    return None


class Seen:
    """The keys of the lines before this one, as fingerprints: a quarter of a million lines fit."""

    def __init__(self) -> None:
        self._lines: dict[int, int] = {}

    def same_as_line(self, keys: list[Key], line: int) -> LazyString | None:
        found = None
        for key in keys:
            first = self._lines.setdefault(hash(key), line)
            if first != line and found is None:
                found = _("Double of line %(line)s of this file: %(same)s.", line=first, same=SAME[key[0]])
        return found
