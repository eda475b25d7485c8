"""Every address of the application and every way to knock on it."""

import tempfile
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from werkzeug.routing import Rule

from leadcrm.app import create_app
from leadcrm.core.config import Config
from leadcrm.core.crypto import Keyring
from leadcrm.core.web import Access
from tests.foreign import WORDS
from tests.people import Person
from tests.world import Browser


def known_rules() -> list[Rule]:
    """The rules of the application, read without a database."""
    with tempfile.TemporaryDirectory() as folder:
        Keyring.create(Path(folder) / "keys")
        app = create_app(Config(instance=Path(folder), testing=True), "postgresql+psycopg://nobody@/nowhere")
        app.extensions["database"].close()
        return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


RULES = known_rules()
Words = dict[str, str]
Door = tuple[Rule, str, Words]  # a rule, a method, and the words in its address that are no ids


def spelled(rule: Rule) -> list[Words]:
    """Every combination of the words in an address, such as the sections of a lead."""
    named = [name for name in sorted(rule.arguments) if name in WORDS]
    return [dict(zip(named, chosen, strict=True)) for chosen in product(*(WORDS[name] for name in named))]


DOORS: list[Door] = [
    (rule, method, words)
    for rule in RULES
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    for words in spelled(rule)
]
OPEN_TO_ROWS = [door for door in DOORS if door[0].arguments - WORDS.keys()]


def names(door: Door) -> str:
    return f"{door[1]} {door[0].rule} {' '.join(door[2].values())}"


def permission_of(app: Flask, rule: Rule) -> str:
    return str(getattr(app.view_functions[rule.endpoint], "permission", ""))


def may_open(app: Flask, rule: Rule, person: Person) -> bool:
    permission = permission_of(app, rule)
    plugins = app.extensions["plugins"].values()
    return permission == Access.SIGNED_IN or any(
        permission in (plugin.granted or {}).get(person.role, ()) for plugin in plugins
    )


def address(door: Door, ids: dict[str, Any] | None = None) -> str:
    """The address with these ids; what is not given is a row that never was."""
    rule, _method, words = door
    filled = {name: uuid4() for name in rule.arguments} | words | (ids or {})
    built = rule.build(filled)
    assert built is not None
    return str(built[1])


def knock(browser: Browser, door: Door, ids: dict[str, Any] | None = None) -> Any:
    """Open a door as our own pages would."""
    path = address(door, ids)
    return browser.get(path) if door[1] == "GET" else browser.send(path, method=door[1])
