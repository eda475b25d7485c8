"""Names as they sound, and as they are mistyped: fingerprints that two words share when one may be meant by the other.

First a word is written as it sounds in Dutch (Meijer, Meyer and Meier are one; so are Smit and Smidt). Longer words may
then differ by one letter: too many, too few, another, or two swapped. Fingerprints are compared for equality only, so
that finding needs no measuring.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b

SHORTEST, SHORTEST_MISTYPED = 4, 5
_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("ph", "f"),
        ("th", "t"),
        ("dt$", "t"), ("d$", "t"), ("sch", "sg"), ("ch", "g"), ("c(?=[eiy])", "s"),
        ("uij|uy", "ui"), ("qu", "kw"), ("ck|c|q", "k"), ("x", "ks"), ("eij|ij|ey|ei|y", "i"), ("ou|au", "o"),
        ("z", "s"), ("v", "f"), ("w$", ""), ("(?<=[aeiou])h", ""), (r"(.)\1+", r"\1"),
    )
]  # fmt: skip


def is_name_like(word: str) -> bool:
    """Whether it is worth asking what else may be meant."""
    return len(word) >= SHORTEST and word.isalpha()


@lru_cache(maxsize=65_536)
def sound_of(word: str) -> str:
    """Of a word in small letters without accents."""
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


def kept_fingerprints(word: str) -> list[int]:
    """What a known word can be recognised by."""
    sound = sound_of(word)
    found = {f"={sound}"}
    if len(word) >= SHORTEST_MISTYPED:
        found |= {f"-{less}" for less in _less_one(sound)} | {f"?{mask}" for mask in _masked(sound)}
    return sorted(map(_fingerprint, found))


def asked_fingerprints(word: str) -> list[int]:
    """What a typed word may be recognised by: as it is, one letter too few, too many, wrong, or two swapped."""
    sound = sound_of(word)
    found = {f"={sound}"}
    if len(word) >= SHORTEST_MISTYPED:
        found |= {f"-{sound}"} | {f"={less}" for less in _less_one(sound)}
        found |= {f"?{mask}" for mask in _masked(sound)} | {f"={sound_of(swapped)}" for swapped in _swapped(word)}
    return sorted(map(_fingerprint, found))


def sounds_like(typed: str, word: str) -> bool:
    return not set(asked_fingerprints(typed)).isdisjoint(kept_fingerprints(word))


def _less_one(sound: str) -> Iterator[str]:
    return (sound[:at] + sound[at + 1 :] for at in range(len(sound)))


def _masked(sound: str) -> Iterator[str]:
    return (f"{sound[:at]}_{sound[at + 1 :]}" for at in range(len(sound)))


def _swapped(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1))


def _fingerprint(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
