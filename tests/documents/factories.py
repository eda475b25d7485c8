"""Documents for tests: made as whoever is looking, with a real file behind them."""

from functools import cache
from io import BytesIO
from typing import Any

import pypdfium2
from PIL import Image, ImageDraw
from sqlalchemy import select

from leadcrm.core import blobs
from leadcrm.core.crypto import Place, keyring
from leadcrm.core.db import session
from leadcrm.documents.models.document import Document, Upload, Version
from leadcrm.documents.models.terms import DocumentKind, State
from leadcrm.documents.services import arriving
from leadcrm.documents.services.arriving import Wanted
from leadcrm.documents.services.keeping import keep
from leadcrm.leads.models.lead import Lead


@cache
def a_png(width: int = 60, height: int = 80, colour: str = "teal") -> bytes:
    packed, image = BytesIO(), Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(image).rectangle((5, 5, width // 2, height // 2), fill=colour)
    image.save(packed, "PNG")
    return packed.getvalue()


@cache
def a_small_picture() -> bytes:
    packed = BytesIO()
    Image.new("RGB", (24, 32), "teal").save(packed, "WEBP")
    return packed.getvalue()


@cache
def a_pdf(pages: int = 1) -> bytes:
    packed = BytesIO()
    with pypdfium2.PdfDocument.new() as document:
        for _number in range(pages):
            document.new_page(595, 842)
        document.save(packed)
    return packed.getvalue()


def a_document(lead: Lead, name: str = "canary.png", content: bytes | None = None, **about: Any) -> Document:
    """One that can be read: its checks are taken as done, and it has its small picture."""
    content = a_png() if content is None else content
    document = keep(lead, blobs.keep([content]), name, about.pop("kind", DocumentKind.OTHER))
    version = newest(document)
    version.state = document.state = State.AVAILABLE
    version.pages = len(pypdfium2.PdfDocument(content)) if content.startswith(b"%PDF") else 1
    place = Place(Version.__tablename__, "thumbnail", version.company_id, version.id)
    version.thumbnail = keyring().seal(a_small_picture(), place)  # a painter for each would take long
    for attribute, value in about.items():
        setattr(document, attribute, value)
    session.flush()
    return document


def newest(document: Document) -> Version:
    found = select(Version).where(Version.document_id == document.id, Version.number == document.version)
    return session.scalars(found).one()


def an_upload(lead: Lead, name: str = "canary.pdf", length: int = 1000) -> Upload:
    upload = arriving.begin(Wanted(lead, name), length)
    session.flush()
    return upload
