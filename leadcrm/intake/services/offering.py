"""What a web form asks besides the record: the company's own fields, those that it demands of every lead above all."""

from collections.abc import Mapping, Sequence
from typing import Any

from leadcrm.core.fields.kinds import Kind
from leadcrm.core.fields.language import speaking
from leadcrm.core.fields.money import Money
from leadcrm.core.scope import Scope, Viewer, viewing_as
from leadcrm.imports.services.targets import OWN, Target, own_targets, targets_of_all
from leadcrm.imports.services.values import is_empty

_OWN = f"{OWN.key}."


def own_ones() -> dict[str, Target]:
    """Those of the viewer's company that strangers may see."""
    return {key: target for key, target in own_targets().items() if target.asked}


def places() -> dict[str, Target]:
    """What a form of the viewer's company can ask, by key."""
    return targets_of_all() | own_ones()


def places_of(form: Any) -> Mapping[str, Target]:
    """The same for a visitor. Own fields are read as somebody of that company without any lead, who may look and
    change nothing."""
    if not any(each["key"].startswith(_OWN) for each in form.fields):
        return targets_of_all()
    reader = Viewer(Scope.OWN, form.company_id, form.form_id, name="web form", role="web form", read_only=True)
    with viewing_as(reader):
        return places()


def demanded() -> list[Target]:
    """Own fields without which a lead waits in quarantine."""
    return [target for target in own_ones().values() if target.required]


def left_out(fields: Sequence[Mapping[str, Any]]) -> list[Target]:
    asked = {each["key"] for each in fields}
    return [target for target in demanded() if target.key not in asked]


def says_nothing(kind: Kind, text: str) -> bool:
    """Also what stands for nothing where it is taken in, such as a dash."""
    return not text or (is_empty(text) and not kind.options)


def unmistakable(kind: Kind, text: str) -> str:
    """`1,234` is one amount to a person who typed it and another to a program; the person's goes on. What was refused
    stays as it is."""
    if not text or not isinstance(kind, Money):
        return text
    with speaking("nl"):
        return kind.edit(kind.parse(text))
