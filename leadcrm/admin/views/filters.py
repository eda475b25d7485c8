"""Filters as the address bar holds them: anything that makes no sense counts as not given."""

from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import request, url_for

from leadcrm.core.fields.terms import Terms

LONGEST = 200
Term = TypeVar("Term", bound=Terms)
Chip = tuple[str, str, str]


def words(name: str) -> str:
    return request.args.get(name, "").replace("\0", "").strip()[:LONGEST]


def term(name: str, terms: type[Term]) -> Term | None:
    given = request.args.get(name, "")
    return terms(given) if given in {str(member) for member in terms} else None


def ident(name: str) -> UUID | None:
    return request.args.get(name, type=UUID)


def one_of(name: str, allowed: Iterable[str], default: str = "") -> str:
    given = request.args.get(name, default)
    return given if given in allowed else default


def address(**changes: str | None) -> str:
    """This page with some values changed; None takes one away. A changed filter begins at the first page."""
    kept = {name: value for name, value in request.args.items() if name != "cursor"}
    kept |= {name: value for name, value in changes.items() if value is not None}
    kept = {name: value for name, value in kept.items() if changes.get(name, value) is not None and value}
    base = url_for(request.endpoint or "core.home", **(request.view_args or {}))
    return base + (f"?{urlencode(kept)}" if kept else "")


def chips(*given: tuple[str, str, str]) -> list[Chip]:
    """(label, value, parameter) of every filter that is on → (label, value, the address without it)."""
    return [(label, value, address(**{name: None})) for label, value, name in given if value]
