"""Forms in a company's own web site: building one, showing it, taking what visitors fill in.

Against spam, without anybody else: a field that people do not see, a signed token that says when the form was shown
and can be used once, and limits. Nothing is thrown away: what looks like spam waits in quarantine.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask_babel import gettext as _
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from limits import parse_many
from sqlalchemy import select

from leadcrm.core import audit, limits, outbox
from leadcrm.core.config import current_config
from leadcrm.core.crypto import keyring
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.limits import Allowed
from leadcrm.core.scope import Scope, Viewer, signed_in_viewer, viewing_as
from leadcrm.imports.services.targets import Target
from leadcrm.intake.models.inlet import Inlet
from leadcrm.intake.models.webform import FormText, Language, WebForm
from leadcrm.intake.services import accepting, doors, offering, secrets
from leadcrm.intake.services.accepting import Busy
from leadcrm.intake.services.content import Content
from leadcrm.leads.models.terms import Goal

PAGE = "aanvraag"
TRAP = "website"  # a field that only programs fill in
LEAST_SECONDS, MOST_SECONDS = 3, 12 * 3600
CONFIRM_DAYS = 14
SENT_NETWORK = parse_many("10 per 10 minutes; 60 per day")
SENT_FORM = parse_many("120 per minute; 5000 per day")
MESSAGE = "message"
MOST_SITES = 20
_SITE = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")

# What a visitor can be asked for, and what a new form asks.
OFFERED = (
    "lead.goal", "lead.urgency", "applicant.full_name", "applicant.call_name", "applicant.infix",
    "applicant.birth_name", "applicant.email", "applicant.phone", "applicant.postcode", "applicant.house_number",
    "applicant.city", "applicant.birth_date", "lead.preferred_contact", "lead.best_time", "wish.mortgage_amount",
    "property.market_value", "income.gross_year",
)  # fmt: skip
FIRST = (
    ("applicant.call_name", False), ("applicant.birth_name", True), ("applicant.email", True),
    ("applicant.phone", True), ("lead.goal", True), (MESSAGE, False),
)  # fmt: skip


class NoForm(Exception):
    """Invented, switched off, of a company that is not in use: all the same to who asks."""


class Stale(Exception):
    """No token, an old one, or one of another form: it is shown again with what was typed."""


@dataclass(frozen=True)
class Ticket:
    """When a form was shown; its name can be used once."""

    name: str
    age: float

    @property
    def too_fast(self) -> bool:
        return self.age < LEAST_SECONDS


# ── for visitors ──


def live(token: str) -> Any:
    """Raises NoForm."""
    with viewing_as(None):
        found = doors.form_of(session, token) if len(token) <= 64 else None
    if found is None:
        raise NoForm(token)
    return found


def _signer(form: Any) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(keyring().derived("intake form"), salt=str(form.form_id))


def ticket(form: Any) -> str:
    return _signer(form).dumps(secrets.new_address())


def punched(form: Any, typed: str) -> Ticket:
    """Raises Stale."""
    try:
        name, at = _signer(form).loads(typed[:200], max_age=MOST_SECONDS, return_timestamp=True)
    except (BadSignature, SignatureExpired) as problem:
        raise Stale from problem
    return Ticket(str(name), (now() - at).total_seconds())


def version_of(form: Any) -> str:
    """How the ledger names the text that was agreed to."""
    return f"{str(form.form_id)[:8]} v{form.version}"


def take(form: Any, token: str, fields: dict[str, str], punch: Ticket, network: str, trapped: bool, news: bool) -> None:
    """Stored, once for each ticket; who ticked the newsletter gets a mail. Raises Busy, NoForm."""
    seconds = limits.reserve([
        *(Allowed.by(item, "web form from", network) for item in SENT_NETWORK),
        *(Allowed.by(item, "web form", str(form.form_id)) for item in SENT_FORM),
    ])  # fmt: skip
    if seconds:
        raise Busy(seconds)
    suspect = trapped or punch.too_fast
    version = version_of(form)
    content = Content(fields | {"consent.given": "ja", "consent.text_version": version})
    link = secrets.new_token() if news and not suspect and fields.get("applicant.email") else None
    with viewing_as(None):
        parcel = accepting.parcel_of(form.company_id, content, f"form {punch.name}")
        became = doors.send(
            session, token, parcel, suspect=suspect, version=version,
            link=secrets.hash_of(link) if link else None, lasts=timedelta(days=CONFIRM_DAYS),
        )  # fmt: skip
    if became.outcome in ("dead", "busy"):
        raise NoForm(token) if became.outcome == "dead" else Busy(60)
    if link and became.outcome == "taken":
        _ask_to_confirm(form, fields["applicant.email"], link)


def _ask_to_confirm(form: Any, recipient: str, link: str) -> None:
    """In a transaction of who has no rights but to write this mail."""
    words = _(
        "You asked %(company)s for news by e-mail. Open this link and press the button to confirm that:\n\n%(link)s\n\n"
        "It works for %(days)s days. Did you not ask for this? Then do nothing: you will get no mail.",
        company=form.company_name, link=f"{current_config().base_url}/{PAGE}/bevestigen/{link}", days=CONFIRM_DAYS,
    )  # fmt: skip
    with viewing_as(Viewer(Scope.NONE, form.company_id, form.form_id, role="web form")):
        outbox.send(recipient, _("Confirm your e-mail address"), words, form.company_id)


def opt_in(link: str) -> Any:
    with viewing_as(None):
        return doors.opt_in_of(session, secrets.hash_of(link))


def confirm(link: str, network: str) -> bool:
    with viewing_as(None):
        return doors.confirm(session, secrets.hash_of(link), network)


# ── for managers ──


def offered() -> list[Target]:
    return [offering.places()[key] for key in (*OFFERED, *offering.own_ones())]


def new_form(inlet: Inlet, language: Language) -> WebForm:
    """As it is filled in when somebody begins one; stored when they save it."""
    return WebForm(
        company_id=inlet.company_id, inlet_id=inlet.id, token=secrets.new_address(), language=language, version=0,
        title=_("Ask for advice"), thanks=_("Thank you. We will call you as soon as we can."), sites=[],
        fields=first_fields(), active=True,
        consent_text=_("I agree that %(company)s keeps these details and calls or mails me about my question.",
                       company=signed_in_viewer().company_name),
    )  # fmt: skip


def first_fields() -> list[dict[str, Any]]:
    """The usual ones, and before the message what the company demands of every lead."""
    *usual, message = FIRST
    asked = [*usual, *((target.key, True) for target in offering.demanded()), message]
    return [{"key": key, "required": required} for key, required in asked]


def keep(form: WebForm) -> None:
    """Another text is another version: what somebody agreed to can always be shown."""
    session.add(form)
    session.flush()
    last = session.scalars(
        select(FormText).where(FormText.form_id == form.id).order_by(FormText.number.desc()).limit(1)
    ).one_or_none()
    if last is None or (last.consent_text, last.marketing_text) != (form.consent_text, form.marketing_text):
        form.version = (last.number if last else 0) + 1
        session.add(FormText(
            company_id=form.company_id, form_id=form.id, number=form.version, consent_text=form.consent_text,
            marketing_text=form.marketing_text, by_id=signed_in_viewer().user_id,
        ))  # fmt: skip
        audit.note("intake.consent text", form, version=form.version)


def texts_of(form_id: UUID) -> Sequence[FormText]:
    return session.scalars(
        select(FormText).where(FormText.form_id == form_id).order_by(FormText.number.desc()).limit(50)
    ).all()


def sites_in(typed: str) -> list[str]:
    """Origins as a browser compares them, one a line. Raises Invalid with the line that is none."""
    found: list[str] = []
    for line in typed.split():
        parts = urlsplit(line if "://" in line else f"https://{line}")
        host = parts.netloc.lower()
        if parts.scheme != "https" or not _SITE.fullmatch(host) or "." not in host:
            raise Invalid(_("%(line)s is not the address of a web site. Type it like https://www.example.nl.",
                            line=line[:80]))  # fmt: skip
        if f"https://{host}" not in found:
            found.append(f"https://{host}")
    if len(found) > MOST_SITES:
        raise Invalid(_("At most %(most)s web sites.", most=MOST_SITES))
    return found


def fields_in(typed: Mapping[str, str]) -> list[dict[str, Any]]:
    """Which fields the builder ticked, in the order of their numbers."""
    chosen = [key for key in (*OFFERED, *offering.own_ones(), MESSAGE) if typed.get(f"use-{key}")]
    places = {key: _place(typed.get(f"place-{key}", "")) for key in chosen}
    ordered = sorted(chosen, key=lambda key: (places[key], chosen.index(key)))
    musts = {target.key for target in offering.demanded()}
    return [{"key": key, "required": key in musts or bool(typed.get(f"must-{key}"))} for key in ordered]


def _place(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 4 else 999


def fields_problem(fields: Sequence[Mapping[str, Any]], goal: Goal | None) -> str | None:
    """A form that can make no lead helps nobody."""
    keys = {each["key"] for each in fields}
    if not keys & {"applicant.full_name", "applicant.birth_name", "applicant.email", "applicant.phone"}:
        return str(_("Ask at least for a name, an e-mail address or a telephone number."))
    if "lead.goal" not in keys and goal is None:
        return str(_("Ask for the goal, or choose one in the settings of the source: every lead has one."))
    return None
