"""What arrived, as names with texts, whatever it came in: bounded, without citizen service numbers, sealed."""

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from dataclasses import fields as dataclass_fields
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _

from leadcrm.core.crypto import Place, keyring
from leadcrm.core.fields.bsn import is_word, mask, passes
from leadcrm.core.fields.kinds import Invalid
from leadcrm.intake.models.arrival import Arrival

LARGEST = 64 * 1024  # bytes of a body
MOST_FIELDS, LONGEST_NAME, LONGEST_VALUE, DEEPEST = 150, 80, 5_000, 4
LONGEST_RAW = 20_000  # characters of a mail that are kept
_NINE = re.compile(r"[0-9]{9}")
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


@dataclass(frozen=True)
class Content:
    """`fields` by the name that the sender gave; `mended` what a person made of them since."""

    fields: dict[str, str] = field(default_factory=dict)
    raw: str = ""
    attachments: list[str] = field(default_factory=list)
    masked: int = 0
    mended: dict[str, str] = field(default_factory=dict)

    @property
    def named(self) -> dict[str, str]:
        """What counts now."""
        return {name: text for name, text in (self.fields | self.mended).items() if text}


class TooMuch(Invalid):
    """More fields, or longer ones, than any lead has."""


def from_json(sent: Any) -> dict[str, str]:
    """An object with texts, numbers and yes or no; objects within it become `applicant.email`. Raises Invalid."""
    if not isinstance(sent, dict):
        raise Invalid(_("Send one JSON object with the fields of one lead."))
    return bounded(_flat(sent, "", 0))


def _flat(value: Any, name: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if depth >= DEEPEST:
            raise TooMuch(_("Objects stand too deep within each other."))
        for key, within in value.items():
            yield from _flat(within, f"{name}.{key}" if name else str(key), depth + 1)
    elif isinstance(value, list):
        if any(isinstance(each, dict | list) for each in value):
            raise Invalid(_("A list may hold texts and numbers only: %(name)s.", name=name[:LONGEST_NAME]))
        yield name, ", ".join(_text(each) for each in value)
    else:
        yield name, _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, float):
        return f"{value:f}".rstrip("0").rstrip(".").replace(".", ",")  # the notation that the readers expect
    return str(value)


def bounded(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Raises TooMuch. The first of a name counts; empty ones do not."""
    found: dict[str, str] = {}
    for name, text in pairs:
        name = " ".join(_readable(name).split())
        if len(name) > LONGEST_NAME or len(text) > LONGEST_VALUE:
            raise TooMuch(_("A field is too long: %(name)s.", name=name[:LONGEST_NAME]))
        text = _readable(text).strip()
        if name and text:
            found.setdefault(name, text)
        if len(found) > MOST_FIELDS:
            raise TooMuch(_("There are more fields than a lead has: at most %(most)s.", most=MOST_FIELDS))
    return found


def _readable(text: str) -> str:
    """Without what no text holds and no database keeps: control characters, halves of surrogate pairs."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS).encode(errors="replace").decode()


def without_numbers(content: Content) -> Content:
    """Citizen service numbers are starred before anything is stored: we may not keep them."""
    masked, fields = content.masked, {}
    for name, text in content.fields.items():
        fields[name], hits = _starred(name, text)
        masked += hits
    raw, hits = mask(content.raw)
    return replace(content, fields=fields, raw=raw, masked=masked + hits)


def _starred(name: str, text: str) -> tuple[str, int]:
    if is_word(name):
        digits = text.replace(".", "").replace(" ", "").replace("-", "").zfill(9)
        if _NINE.fullmatch(digits) and passes(digits):
            return "*" * 9, 1
    return mask(text)


def packed(content: Content) -> bytes:
    said = {each.name: getattr(content, each.name) for each in dataclass_fields(content)}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def place_of(company_id: UUID, ident: UUID) -> Place:
    return Place(Arrival.__tablename__, "sealed", company_id, ident)


def seal(content: Content, company_id: UUID, ident: UUID) -> bytes:
    return keyring().seal(zlib.compress(packed(content), level=1), place_of(company_id, ident))


def open_of(arrival: Arrival) -> Content:
    """What arrived; empty once it was forgotten."""
    if arrival.sealed is None:
        return Content()
    kept: Mapping[str, Any] = json.loads(
        zlib.decompress(keyring().open(arrival.sealed, place_of(arrival.company_id, arrival.id)))
    )
    return Content(**kept)
