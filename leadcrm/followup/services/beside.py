"""What plugins above this one have to say on today's page: one line each, with the way to what it is about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select


@dataclass(frozen=True)
class Offer:
    """Something to be counted, together with all else on the page, and its line. Neither is asked for nothing."""

    wanted: Callable[[], bool]  # of who looks
    counting: Callable[[], Select[Any]]
    line: Callable[[int], str]
    url: str


_offers: dict[str, Offer] = {}


def register(name: str, offer: Offer) -> None:
    """In a plugin's start."""
    _offers[name] = offer


def wanted() -> list[Offer]:
    return [offer for offer in _offers.values() if offer.wanted()]
