"""A text of its own in every column of text of every table, for every tenant: whose canary sings, leaks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import String, UniqueConstraint, inspect

from leadcrm.core.db import PLATFORM_ID, Base
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.fields.terms import Choice
from tests.attack.policy import CANARIES, NO_CANARY
from tests.people import COMPANIES, ELSEWHERE, HOME, Person

MODELS: list[Any] = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__tablename__)
CODES = {HOME: "hoek", ELSEWHERE: "west", PLATFORM_ID: "plat"}
COLLEAGUES = {"hoek": {"ann", "bob", "meg", "dan", "ivo", "wim"}, "west": {"eve", "mia"}}
SHORTEST = 16  # a canary and a number behind it
SUNG = re.compile(r"qx([a-z]{3,4})(lead|person|office|managers|auditors|nobody|all)qx")


@dataclass(frozen=True)
class Canary:
    """Whose text it is, and who may ever read it."""

    code: str
    level: str

    def __str__(self) -> str:
        return f"qx{self.code}{self.level}qx"


def bearing(model: Any) -> Iterator[tuple[str, bool]]:
    """The columns that carry a canary, and whether its text must be unlike every other."""
    table: Any = model.__table__
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    alike = {column.name for each in unique for column in each.columns}
    for attribute in inspect(model).column_attrs:
        column: Any = attribute.columns[0]
        if attribute.key in silent(model):
            continue
        yield attribute.key, attribute.key in alike or any(column.name in index.columns for index in table.indexes)


def texts(model: Any) -> list[str]:
    """Every column of text that people or machines write freely."""
    found = []
    for name, facts in facts_of(model).items():
        column: Any = inspect(model).column_attrs[name].columns[0]
        if isinstance(column.type, String) and not isinstance(facts.kind, Choice):
            found.append(name)
    return found


def silent(model: Any) -> set[str]:
    """Columns without a canary: no text, too short for one, not able to show one, or excused in policy.toml."""
    open_to_texts = set(texts(model))
    names = {attribute.key for attribute in inspect(model).column_attrs}
    short = {name for name in open_to_texts if (inspect(model).columns[name].type.length or 999) < SHORTEST}
    excused = {name for name in open_to_texts if f"{model.__tablename__}.{name}" in NO_CANARY}
    return (names - open_to_texts) | short | excused | {name for name in open_to_texts if not _can_show(model, name)}


def _can_show(model: Any, name: str) -> bool:
    kind = facts_of(model)[name].kind
    try:
        return kind is None or bool(kind.show(kind.load("qxa@qx.example")))
    except (ValueError, KeyError, TypeError):
        return False


def release(admin: psycopg.Connection[Any], owner_of_lead: dict[UUID, str], codes: dict[UUID, str]) -> set[Canary]:
    """Put a canary in every row that is there. `codes`: short names of people. Returns those that now sit somewhere."""
    released = set()
    for model in MODELS:
        level = CANARIES.get(model.__tablename__, "nobody")
        columns = list(bearing(model))
        if not columns:
            continue
        for number, row in enumerate(_rows(admin, model)):
            canary = Canary(_code(row, level, owner_of_lead, codes), level)
            _write(admin, model, row, {name: _text(name, canary, number, unlike) for name, unlike in columns})
            released.add(canary)
    return released


def _rows(admin: psycopg.Connection[Any], model: Any) -> list[dict[str, Any]]:
    names = [each.name for each in model.__table__.primary_key]
    names += [name for name in ("lead_id", "owner_id", "user_id") if name in model.__table__.columns]
    query = sql.SQL("SELECT {} FROM {}").format(
        sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier(model.__tablename__)
    )
    return [dict(zip(names, row, strict=True)) for row in admin.execute(query).fetchall()]


def _code(row: dict[str, Any], level: str, owner_of_lead: dict[UUID, str], codes: dict[UUID, str]) -> str:
    if level in ("lead", "person"):
        person = row.get("owner_id") or row.get("user_id")
        of_lead = owner_of_lead.get(row.get("lead_id") or row.get("id"))  # type: ignore[arg-type]
        return of_lead or codes.get(person, "none")  # type: ignore[arg-type]
    return CODES.get(row.get("company_id"), "none")  # type: ignore[arg-type]


def _text(name: str, canary: Canary, number: int, unlike: bool) -> str:
    text = f"{canary}{number}" if unlike else str(canary)
    if name == "reason":
        return f"{text} and enough words around it"  # too short a reason is none
    return f"{text}@qx.example" if name in ("email", "recipient", "account") else text


def _write(admin: psycopg.Connection[Any], model: Any, row: dict[str, Any], values: dict[str, str]) -> None:
    keys = [each.name for each in model.__table__.primary_key]
    assigned = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(text)) for name, text in values.items()
    )
    where = sql.SQL(" AND ").join(sql.SQL("{} = {}").format(sql.Identifier(key), sql.Literal(row[key])) for key in keys)
    admin.execute(sql.SQL("UPDATE {} SET {} WHERE {}").format(sql.Identifier(model.__tablename__), assigned, where))


def heard(text: str) -> set[Canary]:
    """Every canary that sings in a text, spaces and capitals apart."""
    return {Canary(*match.groups()) for match in SUNG.finditer(re.sub(r"\s", "", text).lower())}


def may_hear(person: Person | None, code_of_person: str, canary: Canary) -> bool:
    """What somebody may ever read, by where it comes from."""
    if canary.level == "all":
        return True
    if person is None or canary.level == "nobody":
        return False
    home = CODES.get(person.company_id, "none")
    if canary.level == "person" and person.role == "admin":
        return True
    if canary.level in ("lead", "person"):
        manages = person.role == "companymanager" and canary.code in COLLEAGUES.get(home, ())
        return canary.code == code_of_person or manages
    if person.role == "admin":
        return True
    if canary.level == "auditors" and person.role == "auditor":
        return canary.code == home
    return canary.code == home and (canary.level == "office" or person.role == "companymanager")


assert set(COMPANIES) <= set(CODES), "a company without a code"
