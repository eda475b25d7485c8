"""Cheap chance: a million households draw some hundred million times."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Generic, TypeVar
from uuid import UUID

Card = TypeVar("Card")

CARDS = 1_000  # so many parts a weight can be seen in
_UUID4_CLEAR = ~((0xC000 << 48) | (0xF000 << 64))
_UUID4_SET = (0x8000 << 48) | (4 << 76)


class Deck(Generic[Card]):
    """Values with their weights, drawn with one index into a list instead of a search through sums."""

    __slots__ = ("cards", "size")

    def __init__(self, weights: Mapping[Card, float] | Sequence[Card]):
        self.cards = _dealt(weights) if isinstance(weights, Mapping) else list(weights)
        self.size = len(self.cards)

    def draw(self, random: Random) -> Card:
        return self.cards[int(random.random() * self.size)]


def _dealt(weights: Mapping[Card, float]) -> list[Card]:
    whole = sum(weights.values())
    return [card for card, weight in weights.items() for _ in range(max(1, round(weight / whole * CARDS)))]


def identity(random: Random) -> UUID:
    """A random UUID (version 4) that comes out the same for the same seed."""
    return UUID(int=random.getrandbits(128) & _UUID4_CLEAR | _UUID4_SET)


def between(random: Random, low: int, high: int) -> int:
    """A whole number, both ends included; a third of the time of randint()."""
    return low + int(random.random() * (high - low + 1))
