"""Pages on paper: PDF of HTML that is ours alone."""

from pkgutil import resolve_name
from typing import Any


class NoPdf(RuntimeError):
    """The library that draws pages cannot be loaded; says what to install."""


def as_pdf(html: str) -> bytes:
    """Drawn from our own page alone: whatever it would fetch is refused."""
    try:
        page = resolve_name("weasyprint:HTML")(string=html, url_fetcher=_fetch_nothing)
    except (ImportError, OSError) as problem:
        raise NoPdf("PDF needs Pango: apt-get install libpango-1.0-0 libpangoft2-1.0-0 fonts-dejavu-core") from problem
    pdf: bytes = page.write_pdf()
    return pdf


def _fetch_nothing(url: str, *_more: Any, **_options: Any) -> Any:
    raise ValueError(f"not fetched: {url}")
