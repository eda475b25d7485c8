"""An annex as text for a terminal, and as HTML for the PDF."""

from collections.abc import Iterator
from datetime import datetime
from textwrap import wrap
from typing import Any
from zoneinfo import ZoneInfo

from leadcrm.annex.services.judging import Verdict

WIDTH = 100
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WORDS = {
    "nl": {"title": "Bijlage beveiligingsmaatregelen", "for": "voor", "measured": "gemeten",
           "suppliers": "Hosting en subverwerkers", "none": "geen vastgelegd", "until": "geldig t/m"},
    "en": {"title": "Annex of security measures", "for": "for", "measured": "measured",
           "suppliers": "Hosting and sub-processors", "none": "none recorded", "until": "valid until"},
}  # fmt: skip
MARKS = {Verdict.MET: "✔", Verdict.EXCEPTION: "◐", Verdict.ORGANISATIONAL: "§", Verdict.NOT_MET: "✘"}


def moment(text: str | None) -> str:
    """An ISO moment as people of the office read it."""
    return datetime.fromisoformat(text).astimezone(AMSTERDAM).strftime("%d-%m-%Y %H:%M") if text else "-"


def verdict(state: str, language: str) -> str:
    known = Verdict(state)
    return known.en if language == "en" else known.nl


def as_text(content: dict[str, Any], language: str) -> str:
    return "\n".join(_lines(content, language)) + "\n"


def _lines(content: dict[str, Any], language: str) -> Iterator[str]:
    words = WORDS[language]
    yield f"{words['title']} {words['for']} {content['company']}, {moment(content['made_at'])}"
    for clause in content["clauses"]:
        yield ""
        state = clause["state"]
        yield f"{clause['id']:<4} {MARKS[Verdict(state)]} {clause['title'][language]}: {verdict(state, language)}"
        yield from (f"       {line}" for line in wrap(clause["text"][language], WIDTH))
        yield from (f"     ! {text[language]}" for text in clause["exceptions"])
        for each in clause["evidence"]:
            said = f"{each['title'][language]}: {each['found'][language]}"
            yield f"     - {said} [{each['check']} {each['state']}, {words['measured']} {moment(each['at'])}]"
    yield f"\n{words['suppliers']}"
    for each in content["suppliers"]:
        known = (each["certificate"] or "-", f"{words['until']} {each['valid_until'] or '-'}", each["contract"] or "-")
        yield f"     {each['name']} ({each['country']}), {each['service']}: {', '.join(known)}"
    if not content["suppliers"]:
        yield f"     {words['none']}"
