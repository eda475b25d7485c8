"""The sections of a lead: which fields each has, in which groups, and what may be filled in about whom."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from leadcrm.core.fields.facts import facts_of
from leadcrm.core.forms import Form, FormField
from leadcrm.leads.models.asset import Asset
from leadcrm.leads.models.consent import Consent
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import ExistingMortgage, LoanPart, Wish
from leadcrm.leads.models.obligation import Obligation
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.property import Property
from leadcrm.leads.services import rules


@dataclass(frozen=True)
class Group:
    title: LazyString | None
    names: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A part of the lead's page with a form of its own. `key` stands in its address and is the id of its card."""

    key: str
    model: type
    title: LazyString
    groups: tuple[Group, ...]
    add: LazyString | None = None  # the verb that adds a row; without one there is at most one
    whose: str = ""  # "one": belongs to a person; "any": to a person or to the household

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for group in self.groups for name in group.names)

    @property
    def sensitive(self) -> tuple[str, ...]:
        facts = facts_of(self.model)
        return tuple(name for name in self.names if facts[name].sensitive)


def _all(*names: str) -> tuple[Group, ...]:
    return (Group(None, names),)


SECTIONS: Mapping[str, Section] = {
    section.key: section
    for section in (
        Section(
            "request", Lead, _("Request"),
            (
                Group(None, ("goal", "urgency", "next_action", "next_action_at")),
                Group(_("Contact"), ("preferred_contact", "best_time", "language", "last_contact_at")),
            ),
        ),
        Section(
            "person", Person, _("Persons"),
            (
                Group(_("Name"), (
                    "salutation", "initials", "first_names", "call_name", "infix", "birth_name", "correspondence_name",
                    "gender", "birth_date",
                )),
                Group(_("Contact"), (
                    "phone", "email", "postcode", "house_number", "house_suffix", "street", "city", "country",
                )),
                Group(_("Family"), ("marital_status", "property_regime", "children", "children_birth_years")),
                Group(_("Other"), ("nationality", "residence_permit", "iban", "id_document", "id_expires_on")),
            ),
            add=_("Add a co-applicant"),
        ),
        Section(
            "income", Income, _("Income"),
            (
                Group(None, ("employment", "agency_phase", "method", "employer", "kvk", "started_on", "ends_on")),
                Group(_("Amounts a year"), ("gross_year", "holiday_pct", "thirteenth_month", "bonus", "overtime")),
                Group(_("Profit of the self-employed"), ("profit_year", "profit_y1", "profit_y2", "profit_y3")),
            ),
            add=_("Add an income"), whose="one",
        ),
        Section(
            "obligation", Obligation, _("Obligations"),
            _all(
                "kind", "creditor", "monthly", "balance", "principal", "credit_limit", "rate", "student_scheme",
                "started_on", "ends_on", "bkr_known",
            ),
            add=_("Add an obligation"), whose="any",
        ),
        Section(
            "asset", Asset, _("Assets"), _all("kind", "description", "amount", "for_purchase"),
            add=_("Add an asset"), whose="any",
        ),
        Section(
            "property", Property, _("Property"),
            (
                Group(None, ("build_type", "dwelling", "build_year", "purchase_price", "market_value", "woz_value")),
                Group(_("Address"), ("postcode", "house_number", "house_suffix", "street", "city")),
                Group(_("Building and renovation"), ("build_sum", "extra_work", "renovation", "overdue_maintenance")),
                Group(_("Energy"), ("energy_label", "future_energy_label", "ebv_amount")),
                Group(_("Leasehold"), ("leasehold", "canon")),
            ),
        ),
        Section(
            "wish", Wish, _("Mortgage wish"),
            _all(
                "mortgage_amount", "own_funds", "bridging", "nhg_wanted", "life_cover", "disability_cover",
                "funeral_cover",
            ),
        ),
        Section(
            "existing", ExistingMortgage, _("Existing mortgage"),
            _all("lender", "current_balance", "rate", "rate_end", "end_date", "repayment", "nhg"),
            add=_("Add an existing mortgage"),
        ),
        Section(
            "consent", Consent, _("Consent"), _all("channel", "purpose", "text_version", "source", "given_at"),
            add=_("Record consent"), whose="one",
        ),
        Section(
            "source", Lead, _("Source and price"),
            (
                Group(None, ("external_reference", "lead_cost", "exclusive", "return_deadline")),
                Group(_("Campaign"), (
                    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer", "landing",
                )),
            ),
        ),
    )
}  # fmt: skip
PART = ("amount", "repayment", "rate", "fixed_months", "term_months", "box")
NEW_PERSON = ("call_name", "infix", "birth_name", "phone", "email", "postcode", "house_number", "city")
NEW_LEAD = ("goal", "urgency", "preferred_contact", "next_action", "next_action_at")
STAGE = ("stage", "stage_reason", "return_reason")


class SectionForm(Form):
    """The form of one section, with the rules between its fields."""

    def __init__(self, section: Section):
        super().__init__(section.model, section.names)
        self.section = section

    def groups(self) -> Iterator[tuple[LazyString | None, list[FormField]]]:
        for group in self.section.groups:
            yield group.title, [self[name] for name in group.names]

    def read(self, typed: Mapping[str, str]) -> bool:
        if super().read(typed):
            refuse_all(self, rules.problems(self.model, self.values))
        return self.valid


def refuse_all(form: Form, problems: Iterator[rules.Problem]) -> None:
    for name, message in problems:
        form.refuse(name, str(message))


@dataclass
class Pick:
    """A select that names a row: whose income it is, from which source. Only what is offered can be chosen."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    required: bool = False
    value: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.name

    @property
    def chosen(self) -> UUID | None:
        return UUID(self.value) if self.value else None

    def read(self, typed: Mapping[str, str]) -> None:
        self.value = typed.get(self.name, "").strip()
        if self.value not in {"", *(value for value, _label in self.options)}:
            self.value = ""
            self.errors.append(str(_("This is not one of the choices. Choose one from the list.")))
        elif self.required and not self.value:
            self.errors.append(str(_("Fill in this field.")))


class Picks:
    """The selects of a form that are no columns with a kind of their own."""

    def __init__(self, picks: Sequence[Pick] = ()):
        self.picks = tuple(picks)
        self.errors: list[str] = []

    def __iter__(self) -> Iterator[Pick]:
        return iter(self.picks)

    def read(self, typed: Mapping[str, str]) -> bool:
        for pick in self.picks:
            pick.read(typed)
        return self.valid

    @property
    def valid(self) -> bool:
        return not any(pick.errors for pick in self.picks)

    @property
    def values(self) -> dict[str, UUID | None]:
        return {pick.name: pick.chosen for pick in self.picks}


class Together:
    """Several forms that are sent as one: all of them are right, or none is kept."""

    def __init__(self, forms: Sequence[Form | Picks]):
        self.forms: tuple[Any, ...] = tuple(forms)

    def read(self, typed: Mapping[str, str]) -> bool:
        for form in self.forms:
            form.read(typed)  # each of them, so that every message is there at once
        return self.valid

    def __iter__(self) -> Iterator[Any]:
        return (shown for form in self.forms for shown in form)

    @property
    def errors(self) -> list[str]:
        return [message for form in self.forms for message in form.errors]

    @property
    def valid(self) -> bool:
        return all(form.valid for form in self.forms)


class WishForm(Together):
    """The mortgage wish with its loan parts. Rows of parts that stay empty do not count."""

    def __init__(self, parts: int):
        self.wish = SectionForm(SECTIONS["wish"])
        self.parts = [Form(LoanPart, PART, prefix=f"part-{number}-") for number in range(1, parts + 1)]
        super().__init__([self.wish, *self.parts])

    def read(self, typed: Mapping[str, str]) -> bool:
        self.forms = (self.wish, *(part for part in self.parts if _is_filled(part, typed)))
        if super().read(typed):
            problem = rules.parts_problem(self.wish.values, self.part_values)
            if problem is not None:
                self.wish.refuse("mortgage_amount", str(problem))
        return self.valid

    @property
    def part_values(self) -> list[dict[str, Any]]:
        return [part.values for part in self.forms[1:]]


def _is_filled(form: Form, typed: Mapping[str, str]) -> bool:
    return any(typed.get(shown.id, "").strip() for shown in form)
