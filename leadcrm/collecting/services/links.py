"""Links from the adviser's side: making, revoking, another code."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from leadcrm.auth.models.people import Language
from leadcrm.checklists.services.items import Item, wanted
from leadcrm.checklists.services.letters import spoken
from leadcrm.collecting.models.link import Ask, CodeWay, Link
from leadcrm.collecting.services import letters, secrets
from leadcrm.core import audit
from leadcrm.core.config import current_config
from leadcrm.core.db import now, session
from leadcrm.core.reveal import peek, reveal
from leadcrm.core.scope import current_viewer
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import EntryKind
from leadcrm.leads.services.timeline import tell

PAGE = "aanleveren"
MOST_WRONG = 10  # codes; then the link waits for another one
MOST_ASKED = 60


@dataclass(frozen=True)
class Recipient:
    """Who gets the link. `person_id` is theirs when they are an applicant."""

    name: str
    email: str | None
    person_id: UUID | None = None
    language: Language = Language.DUTCH


@dataclass(frozen=True)
class Issued:
    """What the adviser has to pass on: shown once, and again only with a line in the audit trail."""

    link: Link
    address: str
    code: str


def issue(lead: Lead, to: Recipient, items: Collection[str], way: CodeWay, days: int) -> Issued:
    """A link that asks for these items of the checklist. One half of it is mailed, the adviser passes on the other."""
    token, code, ident = secrets.new_token(), secrets.new_code(), uuid4()
    link = Link(
        company_id=lead.company_id, id=ident, lead_id=lead.id, person_id=to.person_id, name=to.name, email=to.email,
        language=to.language, code_way=way, token=token, code=code, token_hash=secrets.hash_of(token),
        code_mac=secrets.mac_of(code, lead.company_id, ident), expires_at=now() + timedelta(days=days),
        by_id=current_viewer().user_id,
    )  # fmt: skip
    session.add(link)
    session.flush()
    session.add_all(_asks(link, in_their_words(lead, to.language), items))
    tell(lead, EntryKind.NOTE, text=letters.noted(to.name))
    audit.note("client link made", link, way=str(way))
    issued = Issued(link, address_of(token), code)
    _mail_half(issued, lead)
    return issued


def in_their_words(lead: Lead, language: str) -> list[Item]:
    with spoken(language):
        return wanted(lead)


def _asks(link: Link, items: Sequence[Item], chosen: Collection[str]) -> list[Ask]:
    """Whoever reads it needs no name beside what is theirs, unless somebody else's stands there too."""
    asked = [item for item in items if item.key in chosen][:MOST_ASKED]
    alone = {item.person for item in asked} <= {None, link.person_id}
    return [
        Ask(
            company_id=link.company_id, lead_id=link.lead_id, link_id=link.id, position=position, item=item.key,
            kind=item.kind, person_id=item.person, name=item.name[:80], explanation=item.ask[:400],
            who="" if alone else item.who[:120],
        )
        for position, item in enumerate(asked, 1)
    ]  # fmt: skip


def _mail_half(issued: Issued, lead: Lead) -> None:
    link = issued.link
    if link.email is None:
        return
    if link.code_way == CodeWay.PHONE:
        letters.send_link(link, issued.address)
    else:
        letters.send_code(link, secrets.spoken(issued.code))


def address_of(token: str) -> str:
    return f"{current_config().base_url}/{PAGE}/{token}"


def of_lead(lead_id: UUID) -> Sequence[Link]:
    """The newest first."""
    return session.scalars(
        select(Link).where(Link.lead_id == lead_id).order_by(Link.created_at.desc(), Link.id).limit(20)
    ).all()


def asks_of(links: Sequence[Link]) -> Sequence[Ask]:
    ids = [link.id for link in links]
    return session.scalars(select(Ask).where(Ask.link_id.in_(ids)).order_by(Ask.position)).all() if ids else []


def find(lead_id: UUID, link_id: UUID) -> Link | None:
    found: Link | None = session.scalars(
        select(Link).where(Link.id == link_id, Link.lead_id == lead_id)
    ).one_or_none()
    return found


def revoke(link: Link) -> bool:
    """From now on nothing opens with it, for who is inside too."""
    if link.revoked_at is not None:
        return False
    link.revoked_at = now()
    return True


def renew_code(link: Link) -> Issued:
    """Another code for the same link; the old one, and how often it was guessed, count no more."""
    code = secrets.new_code()
    link.code, link.failures = code, 0  # type: ignore[assignment]  # plain: sealed at the flush
    link.code_mac = secrets.mac_of(code, link.company_id, link.id)
    audit.note("client code renewed", link)
    if link.code_way == CodeWay.MAIL and link.email:
        letters.send_code(link, secrets.spoken(code))
    return Issued(link, address_of(peek(link, "token")), code)


def show(link: Link) -> Issued:
    """Link and code once more, for who forgot to write them down; looking is logged."""
    opened = reveal(link, "token", "code")
    return Issued(link, address_of(opened["token"]), opened["code"])


def persons_choice(persons: Sequence[Any], chosen: UUID | None) -> Any:
    """The applicant for whom a link is meant; the first one while nobody is chosen."""
    return next((person for person in persons if person.id == chosen), persons[0] if persons else None)
