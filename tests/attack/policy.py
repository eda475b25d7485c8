"""What policy.toml says, and what follows from it for one cell of the matrix."""

import tomllib
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.doors import Door
from tests.people import Person

POLICY: dict[str, Any] = tomllib.loads((Path(__file__).parent / "policy.toml").read_text())
RIGHTS: dict[str, list[str]] = POLICY["rights"]
ROUTES: dict[str, dict[str, Any]] = POLICY["routes"]
CANARIES: dict[str, str] = POLICY["canaries"]
NO_CANARY: dict[str, str] = POLICY["no_canary"]
TELLING = ("section", "channel", "deed", "became", "figure")  # words of addresses that `open` and `unsure` are about


class Answer(StrEnum):
    """What the answer to a request amounts to."""

    OPEN = "open"
    SIGN_IN = "sign in"
    FORBIDDEN = "forbidden"
    STEP_UP = "step up"
    NOT_FOUND = "not found"


class Relation(StrEnum):
    """Whose row it is, seen from who knocks."""

    OWN = "own"
    COLLEAGUE = "colleague"
    ELSEWHERE = "elsewhere"
    ABSENT = "absent"


@dataclass(frozen=True)
class Principal:
    """Somebody who knocks, in some state."""

    name: str
    who: str = ""  # of the world
    extras: frozenset[str] = frozenset()  # rights on top of the role's
    level: int = 2
    session: str = ""  # what is wrong with it
    never: bool = False
    stepped_up: bool = True
    read_only: bool = False
    address: str = ""


EXTRA = frozenset().union(*RIGHTS.values()) - set(RIGHTS["agent"])  # what an agent may be given
PRINCIPALS = [
    *(Principal(name, **{{"as": "who"}.get(key, key): value for key, value in facts.items()})
      for name, facts in POLICY["principals"].items()),
    Principal("agent with this right", "Ann de Wit"), Principal("agent with every other right", "Ann de Wit"),
]  # fmt: skip


def knockers(door: Door) -> list[Principal]:
    """Everybody, and an agent with nothing but the right that is asked for here, and one with all the others."""
    *fixed, with_this, with_others = PRINCIPALS
    this = EXTRA & {str((route_of(door) or {}).get("right"))}
    return [*fixed, *([replace(with_this, extras=this)] if this else []), replace(with_others, extras=EXTRA - this)]


def route_of(door: Door) -> dict[str, Any] | None:
    return ROUTES.get(f"{door[0].endpoint} {door[1]}")


def holds(principal: Principal, person: Person, right: str) -> bool:
    return right in ("public", "signed in") or right in RIGHTS[person.role] or right in principal.extras


def expected(
    door: Door, principal: Principal, person: Person | None, relation: Relation, deleted: bool = False
) -> set[Answer]:
    """The answers that are right for this cell; several only where the row decides."""
    route = ROUTES[f"{door[0].endpoint} {door[1]}"]
    if route.get("keyed"):
        return {Answer.STEP_UP}  # 401: no session is a key
    if route["right"] == "public":
        return {Answer.OPEN, Answer.NOT_FOUND, Answer.SIGN_IN} | ({Answer.FORBIDDEN} if route.get("refuses") else set())
    if principal.never or person is None:
        return {Answer.SIGN_IN}
    if not holds(principal, person, route["right"]):
        return {Answer.FORBIDDEN}
    if principal.read_only and _changes(door, route):
        return {Answer.FORBIDDEN}
    if route.get("step_up") and not principal.stepped_up:
        return {Answer.STEP_UP}
    if person.role in route.get("denied", ()):
        return {Answer.FORBIDDEN}
    if person.role not in route.get("only", RIGHTS):
        return {Answer.NOT_FOUND}
    if "row" in route and not _reaches(route, person, relation, deleted):
        return {Answer.NOT_FOUND}
    return _of_the_row(door, route)


def _changes(door: Door, route: dict[str, Any]) -> bool:
    """What who only looks is refused: their own account stays theirs."""
    return door[1] != "GET" and route["right"] != "signed in" and not route.get("harmless")


def _reaches(route: dict[str, Any], person: Person, relation: Relation, deleted: bool) -> bool:
    """A deleted row is there for nobody but for who brings it back, as far as they saw it."""
    return deleted == route.get("deleted_only", False) and relation in POLICY["reach"][route["row"]][person.role]


def _of_the_row(door: Door, route: dict[str, Any]) -> set[Answer]:
    if route.get("proves"):
        return {Answer.STEP_UP}  # nothing was proved, so it is asked once more
    word = next((door[2][name] for name in TELLING if name in door[2]), "")
    if word in route.get("unsure", ()):
        return {Answer.OPEN, Answer.NOT_FOUND}
    return {Answer.OPEN} if word in route.get("open", [word]) else {Answer.NOT_FOUND}
