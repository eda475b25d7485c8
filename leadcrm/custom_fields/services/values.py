"""The values of a lead's own fields: kept as text in one column, the sensitive ones sealed in another."""

from collections.abc import Iterable, Mapping
from typing import Any

from leadcrm.core import audit
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.reveal import peek
from leadcrm.custom_fields.services.definitions import OwnField, fields
from leadcrm.leads.models.lead import Lead

Texts = dict[str, str]


def texts_of(lead: Lead) -> Texts:
    """Everything as it is kept, what was removed too. Sealed ones are opened: for calculations and masks only."""
    return dict(lead.custom or {}) | sealed_texts(lead)


def sealed_texts(lead: Lead) -> Texts:
    return dict(peek(lead, "custom_sealed") or {}) if lead.custom_sealed is not None else {}


def value_in(texts: Mapping[str, str], field: OwnField) -> Any:
    """The value of one field; None when there is none, or when it cannot be read any more."""
    text = texts.get(field.key)
    if text is None:
        return None
    try:
        return field.kind.load(text)
    except (ValueError, Invalid):
        return None


def as_kept(values: Mapping[OwnField, Any], before: Mapping[str, str] | None = None) -> tuple[Texts, Texts]:
    """What stands in the two columns: plain, and to be sealed. What is not among the values stays as it was."""
    texts = dict(before or {})
    for field, value in values.items():
        if value is None:
            texts.pop(field.key, None)
        else:
            texts[field.key] = field.kind.dump(value)
    sealed = {key: text for key, text in texts.items() if key.startswith("s")}
    return {key: text for key, text in texts.items() if key not in sealed}, sealed


def save(lead: Lead, values: Mapping[OwnField, Any]) -> bool:
    """New values for these fields; every change leaves a trace. True when there was any."""
    before = texts_of(lead)
    plain, sealed = as_kept(values, before)
    after = plain | sealed
    changed = {field: (before.get(field.key), after.get(field.key)) for field in values}
    changed = {field: pair for field, pair in changed.items() if pair[0] != pair[1]}
    if not changed:
        return False
    _put(lead, plain, sealed)
    audit.note_values(
        "changed", lead, {field.name: (field.facts.personal, *_shown(field, pair)) for field, pair in changed.items()}
    )
    return True


def _put(lead: Lead, plain: Texts, sealed: Texts) -> None:
    if plain != (lead.custom or {}):
        lead.custom = plain or None
    if sealed != sealed_texts(lead):
        lead.custom_sealed = sealed or None  # type: ignore[assignment]  # core seals it at the flush


def _shown(field: OwnField, pair: tuple[str | None, str | None]) -> tuple[str | None, str | None]:
    """In words: the trail outlives the choices."""
    was, now = (None if text is None else field.kind.show(field.kind.load(text)) for text in pair)
    return was, now


def reveal(lead: Lead, wanted: Iterable[OwnField]) -> dict[OwnField, Any]:
    """Sensitive values, for somebody who asked to see them: writes one audit line."""
    texts = sealed_texts(lead)
    found = {field: value for field in wanted if (value := value_in(texts, field)) is not None}
    if found:
        audit.note("revealed", lead, fields=sorted(field.name for field in found))
    return found


def missing(lead: Lead) -> list[OwnField]:
    """Required fields that this lead has no value for."""
    texts = texts_of(lead)
    return [field for field in fields() if field.required and field.key not in texts]
