"""How a supplier delivers, in words and as OpenAPI: from the same targets that read what they send."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from leadcrm.core.config import current_config
from leadcrm.core.fields.dates import BirthDate, Date
from leadcrm.core.fields.kinds import Kind
from leadcrm.core.fields.money import Money, Percentage, Whole
from leadcrm.core.fields.terms import YesNo
from leadcrm.imports.services.targets import OWN, PARTS, Target
from leadcrm.intake.models.inlet import Inlet
from leadcrm.intake.services.content import LARGEST
from leadcrm.intake.services.offering import demanded
from leadcrm.intake.services.reading import accepted
from leadcrm.leads.models.source import Source

KEY = "lead_…"
LEAD = {
    "external_reference": "S-1001",
    "goal": "purchase_existing",
    "applicant": {
        "call_name": "Jan", "infix": "de", "birth_name": "Vries", "email": "jan@voorbeeld.nl",
        "phone": "06 12345678", "postcode": "1234 AB", "house_number": "12",
    },
    "wish": {"mortgage_amount": "325000"},
    "message": "Graag na 18 uur bellen.",
}  # fmt: skip


@dataclass(frozen=True)
class Described:
    """One field as the page shows it."""

    key: str
    label: str
    sort: str
    required: bool
    values: tuple[tuple[str, str], ...] = ()


def address_of(source: str) -> str:
    return f"{current_config().base_url}/intake/{source}"


def example(source: str, key: str = KEY) -> str:
    """To be pasted into a terminal."""
    body = json.dumps(_lead(), ensure_ascii=False, indent=2).replace("'", "'\\''")
    return (
        f"curl -X POST {address_of(source)} \\\n  -H 'Authorization: Bearer {key}' \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -H 'Idempotency-Key: S-1001' \\\n  -d '{body}'"
    )


def _lead() -> dict[str, Any]:
    """With what this company demands besides: sent as it stands it becomes a lead."""
    own = {target.name: _sample(target.kind) for target in demanded()}
    return LEAD | ({OWN.key: own} if own else {})


def _sample(kind: Kind) -> str:
    if kind.options:
        return str(kind.options[0][0])
    if isinstance(kind, Date):
        return "2026-12-31"
    return "1" if isinstance(kind, Money | Whole) else "…"


def form_example(source: str, key: str = KEY) -> str:
    fields = ("Naam=Jan de Vries", "E-mail=jan@voorbeeld.nl", "Telefoon=06 12345678", "goal=purchase_existing")
    own = (f"{target.key}={_sample(target.kind)}" for target in demanded())
    lines = " \\\n".join(f"  --data-urlencode '{field}'" for field in (f"key={key}", *fields, *own))
    return f"curl -X POST {address_of(source)} \\\n{lines}"


def parts(inlet: Inlet) -> Iterator[tuple[str, list[Described]]]:
    """Every field that is read, by the part of the lead that it belongs to."""
    for part in (*PARTS, OWN):
        found = [_described(target, inlet) for target in accepted() if target.part is part]
        if found:
            yield part.label, found


def _described(target: Target, inlet: Inlet) -> Described:
    required = target.required and not (target.key == "lead.goal" and inlet.goal)
    values = tuple((str(value), str(label)) for value, label in target.kind.options or () if value)
    return Described(target.key, target.label, sort_of(target.kind), required, values)


def sort_of(kind: Kind) -> str:
    """What to send, in a few words."""
    if isinstance(kind, YesNo):
        return str(_("yes or no (true, false)"))
    if kind.options:
        return str(_("one of the values"))
    if isinstance(kind, Money):
        return str(_("euros, such as 325000 or 1234,50"))
    if isinstance(kind, Percentage):
        return str(_("per cent, such as 3,95"))
    if isinstance(kind, BirthDate | Date):
        return str(_("date, such as 1985-12-31"))
    if isinstance(kind, Whole):
        return str(_("whole number"))
    return str(_("text"))


def extras() -> list[tuple[str, str]]:
    """What is read besides the fields of the record."""
    return [
        ("message", str(_("Free text for the adviser. Fields that nobody knows are added to it with their name."))),
        ("consent.given", str(_("Yes, when the client allowed to be reached by telephone and e-mail about this."))),
        ("consent.text_version", str(_("Which text the client agreed to."))),
        ("consent.given_at", str(_("When, with its time zone: 2026-11-21T10:00:00+01:00."))),
    ]


def answers() -> list[tuple[str, str]]:
    return [
        ("202", str(_("Stored. The receipt in the answer can be asked how it stands."))),
        ("200", str(_("Stored before: the same receipt."))),
        ("400", str(_("No JSON that can be read, or a field twice."))),
        ("401", str(_("No key, or one that does not open this source."))),
        ("409", str(_("This Idempotency-Key stood with another lead before."))),
        ("413", str(_("More than %(kb)s kB.", kb=LARGEST // 1024))),
        ("415", str(_("Neither JSON nor a form."))),
        ("422", str(_("Nothing in it, or more than any lead has."))),
        ("429", str(_("Too many at once; Retry-After says for how many seconds to wait."))),
    ]


def openapi(inlet: Inlet, source: Source) -> dict[str, Any]:
    """For who generates a client from it."""
    body = {"schema": _schema(inlet), "example": _lead()}
    responses = {code: {"description": words} for code, words in answers()}
    operation = {
        "summary": source.name, "security": [{"key": []}], "responses": responses,
        "requestBody": {"required": True, "content": {"application/json": body}},
        "parameters": [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}}],
    }  # fmt: skip
    return {
        "openapi": "3.1.0",
        "info": {"title": source.name, "version": "1"},
        "servers": [{"url": current_config().base_url}],
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        "paths": {f"/intake/{source.key}": {"post": operation}},
    }


def _schema(inlet: Inlet) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for label, fields in parts(inlet):
        for each in fields:
            part, _dot, name = each.key.partition(".")
            home = properties.setdefault(part, {"type": "object", "title": label, "properties": {}})
            home["properties"][name] = _property(each)
            if part == OWN.key and each.required:
                home.setdefault("required", []).append(name)
    for name, words in extras():
        part, dot, inner = name.partition(".")
        if dot:
            home = properties.setdefault(part, {"type": "object", "properties": {}})
            home["properties"][inner] = {"type": "string", "description": words}
        else:
            properties[name] = {"type": "string", "description": words}
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": True}
    return schema | ({"required": [OWN.key]} if demanded() else {})


def _property(each: Described) -> dict[str, Any]:
    about: dict[str, Any] = {"type": ["string", "number", "boolean"], "title": each.label, "description": each.sort}
    if each.key.startswith(f"{OWN.key}.") and each.values:  # made-up keys: what they are called stands with them
        return about | {"oneOf": [{"const": value, "title": label} for value, label in each.values]}
    return about | ({"enum": [value for value, _label in each.values]} if each.values else {})
