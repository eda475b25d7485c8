"""A few documents for the newest leads of some advisers: drawn here, nobody's real papers."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from uuid import UUID

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select

from leadcrm.core import blobs
from leadcrm.core.crypto import Place, keyring
from leadcrm.core.db import now, session
from leadcrm.core.jobs import maintenance
from leadcrm.demo.services.offices import Office
from leadcrm.documents.models.document import Document, Version
from leadcrm.documents.models.terms import DocumentKind, State, Through
from leadcrm.documents.services.keeping import keep
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.terms import CLOSED

WHY = "demo documents"
ADVISERS, LEADS = 4, 2  # of an office; the newest of each adviser
PAGE = (827, 1169)  # A4 at 100 dots an inch
SMALL = (240, 720)
INK, GREY, BLUE = "#1d2430", "#8b95a5", "#25549e"


@dataclass(frozen=True)
class Paper:
    """What is put with a lead, how many days old it is, and for how many days from now it is valid."""

    kind: DocumentKind
    name: str
    lines: tuple[tuple[str, str], ...]
    days: int = 12
    valid: int | None = None
    pages: int = 1
    note: str | None = None
    by_client: bool = False


FIRST = (
    Paper(DocumentKind.PAYSLIP, "Loonstrook", (("Bruto loon", "EUR 4.312,50"), ("Loonheffing", "EUR 1.021,00"),
          ("Pensioenpremie", "EUR 214,80"), ("Netto uitbetaald", "EUR 3.076,70")), 21, by_client=True),
    Paper(DocumentKind.EMPLOYER_STATEMENT, "Werkgeversverklaring", (("Dienstverband", "onbepaalde tijd"),
          ("Bruto jaarsalaris", "EUR 51.750"), ("Vakantietoeslag", "EUR 4.140"), ("Dertiende maand", "EUR 4.312")), 130,
          note="Nieuwe opvragen voor de aanvraag."),
    Paper(DocumentKind.IDENTITY, "Identiteitskaart", (("Soort", "Nederlandse identiteitskaart"),
          ("Foto en nummers", "afgeschermd")), 40, valid=-9, by_client=True),
    Paper(DocumentKind.PURCHASE_CONTRACT, "Koopovereenkomst", (("Koopsom", "EUR 418.000"), ("Oplevering", "in overleg"),
          ("Ontbindende voorwaarde", "financiering")), 9, pages=4),
    Paper(DocumentKind.VALUATION, "Taxatierapport", (("Marktwaarde", "EUR 425.000"), ("Peildatum", "deze maand"),
          ("Energielabel", "B")), 5, pages=3),
)  # fmt: skip
SECOND = (
    Paper(DocumentKind.ANNUAL_STATEMENT, "Jaaropgave", (("Fiscaal loon", "EUR 49.880"),
          ("Ingehouden", "EUR 11.920")), 200),
    Paper(DocumentKind.MORTGAGE_OFFER, "Hypotheekofferte", (("Hypotheekbedrag", "EUR 310.000"),
          ("Rentevaste periode", "20 jaar"), ("Rente", "3,94%")), 14, valid=16, pages=2),
)  # fmt: skip


def lay_out(offices: Sequence[Office]) -> int:
    """Adds what is not there yet; how many documents it made."""
    made = 0
    for office in offices:
        with maintenance(WHY):
            for lead_id, papers in list(_wanted(office)):
                made += _put(lead_id, papers)
    return made


def _wanted(office: Office) -> Iterator[tuple[UUID, Sequence[Paper]]]:
    advisers = [account.id for account in office.accounts if account.role == "agent"][:ADVISERS]
    for adviser in advisers:
        theirs = select(Lead.id).where(Lead.company_id == office.id, Lead.owner_id == adviser)
        open_ones = theirs.where(Lead.stage.not_in(CLOSED), Lead.deleted_at.is_(None))
        leads = session.scalars(open_ones.order_by(Lead.created_at.desc(), Lead.id).limit(LEADS))
        yield from zip(leads, (FIRST, SECOND), strict=False)


def _put(lead_id: UUID, papers: Sequence[Paper]) -> int:
    if session.scalar(select(Document.id).where(Document.lead_id == lead_id).limit(1)) is not None:
        return 0
    lead = session.scalars(select(Lead).where(Lead.id == lead_id)).one()
    person = session.scalars(select(Person).where(Person.lead_id == lead_id, Person.position == 1)).one_or_none()
    for number, paper in enumerate(papers):
        _keep(lead, person, paper, number)
    return len(papers)


def _keep(lead: Lead, person: Person | None, paper: Paper, place: int) -> None:
    pages = [_drawn(paper, lead.household_name or lead.reference, number) for number in range(1, paper.pages + 1)]
    packed, today = BytesIO(), now().date()
    pages[0].save(packed, "PDF", save_all=True, append_images=pages[1:], resolution=100.0)
    through = Through.CLIENT_LINK if paper.by_client else Through.UPLOAD
    name = f"{paper.name} {today - timedelta(days=paper.days):%Y-%m}.pdf"
    document = keep(lead, blobs.keep([packed.getvalue()], lead.company_id), name, paper.kind, through=through)
    document.person_id, document.note = person.id if person else None, paper.note
    document.dated_on = today - timedelta(days=paper.days)
    document.expires_on = today + timedelta(days=paper.valid) if paper.valid is not None else None
    document.created_at = now() - timedelta(days=2 + place % 3, minutes=47 * place)
    document.added_by = None if paper.by_client else lead.owner_id
    _judged(document, pages)


def _judged(document: Document, pages: list[Image.Image]) -> None:
    """As the checks would leave it: they know these papers."""
    version = session.scalars(select(Version).where(Version.document_id == document.id)).one()
    document.state = version.state = State.AVAILABLE
    version.pages, version.added_by, version.checked_at = len(pages), document.added_by, now()
    small, packed = pages[0].copy(), BytesIO()
    small.thumbnail(SMALL)
    small.save(packed, "WEBP", quality=80)
    place = Place(Version.__tablename__, "thumbnail", version.company_id, version.id)
    version.thumbnail = keyring().seal(packed.getvalue(), place)


def _drawn(paper: Paper, household: str, number: int) -> Image.Image:
    page = Image.new("RGB", PAGE, "white")
    pen = ImageDraw.Draw(page)
    write = pen.text
    pen.rectangle((0, 0, PAGE[0], 14), fill=BLUE)
    write((70, 80), paper.name, INK, _font(40))
    write((70, 140), _plain(household), GREY, _font(22))
    foot = f"Voorbeeld, gemaakt voor de demonstratie. Bladzijde {number} van {paper.pages}."
    write((70, 1090), foot, GREY, _font(16))
    for row, (label, value) in enumerate(paper.lines):
        top = 230 + 56 * row
        write((70, top), label, INK, _font(22))
        write((757, top), value, INK, _font(22), anchor="ra")
        pen.line((70, top + 40, 757, top + 40), fill="#dde1e8")
    for row in range(8 if number == 1 else 22):
        top = 560 + 34 * row if number == 1 else 230 + 34 * row
        pen.rectangle((70, top, 757 - (row * 53 + number * 31) % 210, top + 9), fill="#eceff3")
    return page


def _plain(text: str) -> str:
    """Without the accents that the font of the library does not have."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
