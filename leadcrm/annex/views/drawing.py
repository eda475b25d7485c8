"""An annex as a PDF, from a page of its own."""

from typing import Any

from flask import render_template

from leadcrm.annex.services import writing
from leadcrm.core.paper import as_pdf


def pdf_of(content: dict[str, Any], language: str) -> bytes:
    values = {"words": writing.WORDS[language], "moment": writing.moment, "verdict": writing.verdict}
    html = render_template("annex/document.html", content=content, language=language, **values)
    return as_pdf(html)
