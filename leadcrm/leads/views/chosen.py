"""What can be done with the rows chosen in the list. Plugins above this one offer it when they start."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Deed:
    """A button of the bar. It sends the chosen rows, or that everything is meant, with its name to its address."""

    name: str
    label: str
    icon: str
    url: str
    danger: bool = False
    asks_owner: bool = False  # the colleague is chosen in the bar itself


Offer = Callable[[], tuple[Deed, ...]]  # to whoever looks
_offers: list[Offer] = []


def offer(deeds: Offer) -> None:
    if deeds not in _offers:  # applications are made more than once in a process of tests
        _offers.append(deeds)


def offered() -> tuple[Deed, ...]:
    return tuple(deed for deeds in _offers for deed in deeds())
