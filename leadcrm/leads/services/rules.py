"""What must hold between the fields of one row; one field alone is checked by its kind."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from leadcrm.core.fields.money import Money
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.mortgage import ExistingMortgage
from leadcrm.leads.models.obligation import Obligation
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.property import Property
from leadcrm.leads.models.terms import (
    NEEDS_REASON,
    BuildType,
    Employment,
    MaritalStatus,
    ObligationKind,
    ReturnReason,
    Stage,
)

Values = Mapping[str, Any]
Problem = tuple[str, LazyString]  # name of the field, what is wrong


def problems(model: type, values: Values) -> Iterator[Problem]:
    """Everything that is wrong with these values together."""
    rule = RULES.get(model)
    if rule is not None:
        yield from rule(values)


def _of_person(values: Values) -> Iterator[Problem]:
    if not any(values.get(name) for name in ("birth_name", "correspondence_name", "email", "phone")):
        yield "birth_name", _("Fill in a name, or at least an e-mail address or telephone number.")
    if values.get("house_number") and not values.get("postcode") and values.get("country") in (None, "NL"):
        yield "postcode", _("Fill in the postcode that belongs to this house number.")
    if values.get("property_regime") and values.get("marital_status") not in _MARRIED:
        yield "property_regime", _("A property regime only belongs to a marriage or registered partnership.")
    years = (values.get("children_birth_years") or "").split(", ")
    if values.get("children") is not None and years != [""] and len(years) != values["children"]:
        yield "children_birth_years", _("These are not as many years as there are children.")


_MARRIED = {None, MaritalStatus.MARRIED, MaritalStatus.PARTNERSHIP}


def _of_income(values: Values) -> Iterator[Problem]:
    if values.get("employment") == Employment.FLEXIBLE and values.get("agency_phase") is None:
        yield "agency_phase", _("Choose the phase: it is needed for flexible work without a prospect statement.")
    started, ends = values.get("started_on"), values.get("ends_on")
    if started and ends and ends < started:
        yield "ends_on", _("This ends before it begins. Check both dates.")


def _of_obligation(values: Values) -> Iterator[Problem]:
    if values.get("student_scheme") and values.get("kind") != ObligationKind.STUDENT_LOAN:
        yield "student_scheme", _("The scheme only belongs to a student loan.")
    started, ends = values.get("started_on"), values.get("ends_on")
    if started and ends and ends < started:
        yield "ends_on", _("This ends before it begins. Check both dates.")


def _of_property(values: Values) -> Iterator[Problem]:
    if values.get("canon") and values.get("leasehold") is False:
        yield "canon", _("There is only ground rent with leasehold.")
    if values.get("build_type") == BuildType.EXISTING and values.get("build_sum"):
        yield "build_sum", _("A contract sum only belongs to new build.")


def _of_existing(values: Values) -> Iterator[Problem]:
    rate_end, end = values.get("rate_end"), values.get("end_date")
    if rate_end and end and end < rate_end:
        yield "end_date", _("The mortgage ends before its fixed rate does. Check both dates.")


RULES: dict[type, Callable[[Values], Iterator[Problem]]] = {
    Person: _of_person,
    Income: _of_income,
    Obligation: _of_obligation,
    Property: _of_property,
    ExistingMortgage: _of_existing,
}


def parts_problem(wish: Values, parts: Sequence[Values]) -> LazyString | None:
    """Loan parts make up the mortgage amount to the cent; a bridging loan stands apart."""
    amount, total = wish.get("mortgage_amount"), sum(part.get("amount") or 0 for part in parts)
    if not parts or amount is None or total == amount:
        return None
    return _(
        "The loan parts make %(total)s together, the mortgage amount is %(amount)s. Make them equal; a bridging loan "
        "does not count.",
        total=Money().show(total),
        amount=Money().show(amount),
    )


def stage_problems(stage: Stage, reason: str | None, return_reason: ReturnReason | None) -> Iterator[Problem]:
    """What closing a lead asks for."""
    if stage in NEEDS_REASON and not reason:
        yield "stage_reason", _("Say why: without a reason this lead cannot be closed.")
    if stage == Stage.RETURNED and return_reason is None:
        yield "return_reason", _("Choose the reason for the return: the supplier will ask for it.")
