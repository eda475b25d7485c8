"""What a plugin is: one declaration, read once at start-up."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import entry_points
from typing import Any

import click
from flask import Flask, current_app

from leadcrm.core.doctor.report import Check
from leadcrm.core.scope import Viewer
from leadcrm.core.web import NavShown, PluginBlueprint

ENTRY_POINTS = "leadcrm.plugins"


class WholeCommand(click.Command):
    """A plugin's command that makes the instance and the application itself, where it needs them, as core's do."""


@dataclass(frozen=True)
class NavItem:
    """An entry of the main navigation; shown to whoever may open its endpoint. `label` is a lazy text.

    `count`: how much waits there; asked for every page, so it must cost nothing. `key`: the letter after `g` that goes
    there; the overview of shortcuts names it.
    """

    label: Any
    endpoint: str
    icon: str = "circle"
    order: int = 50
    count: Callable[[], int] | None = None
    key: str = ""


@dataclass(frozen=True)
class Panel:
    """A part of another plugin's page, loaded by htmx from an ordinary guarded view."""

    page: str
    title: Any
    endpoint: str
    order: int = 50


@dataclass(frozen=True)
class NewsKind:
    """Something that people may hear of, and choose how (notifications). `mail`: by mail at once, until they choose."""

    name: str  # <plugin>.<what>
    label: Any
    mail: bool = False
    permission: str = ""  # only who has it is offered the choice; empty: everybody


@dataclass(frozen=True)
class Plugin:
    """Everything a plugin adds. Absent means: nothing of that sort."""

    name: str
    about: str
    requires: tuple[str, ...] = ()
    blueprint: PluginBlueprint | None = None
    permissions: type[StrEnum] | None = None
    granted: Mapping[str, frozenset[str] | set[str]] | None = None  # role → permissions it starts with
    nav: tuple[NavItem, ...] = ()
    nav_views: Callable[[], Iterable[NavShown]] | None = None  # lines below an entry of the navigation, of who looks
    panels: tuple[Panel, ...] = ()
    banners: tuple[str, ...] = ()  # templates on top of every page, each of which may have nothing to say
    gates: tuple[Callable[[Viewer], None], ...] = ()  # for every request of whoever holds a session; see web.pass_gates
    jobs: tuple[Callable[..., bool | None], ...] = ()
    commands: tuple[click.Command, ...] = ()
    checks: tuple[Check, ...] = ()  # what `leadcrm doctor` and the annex look at
    news: tuple[NewsKind, ...] = ()
    start: Callable[[Flask], None] | None = None  # for the rare rest: signals, extensions


class PluginProblem(RuntimeError):
    """A plugin cannot be installed; says which and why."""


def outside_plugins(names: tuple[str, ...]) -> list[Plugin]:
    """Those that the configuration names, from the entry-point group; an installed but unnamed one stays out."""
    found = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    missing = [name for name in names if name not in found]
    if missing:
        raise PluginProblem(
            f"plugins {', '.join(missing)} are configured but not installed (entry points {ENTRY_POINTS})"
        )
    return [found[name].load() for name in names]


def install(app: Flask, plugins: list[Plugin]) -> None:
    installed: dict[str, Plugin] = app.extensions.setdefault("plugins", {})
    for plugin in plugins:
        _refuse_misfit(plugin, installed)
        if plugin.blueprint:
            app.register_blueprint(plugin.blueprint)
        installed[plugin.name] = plugin
    app.extensions["permissions of roles"] = {}
    for plugin in plugins:
        if plugin.start:
            plugin.start(app)


def _refuse_misfit(plugin: Plugin, installed: dict[str, Plugin]) -> None:
    missing = set(plugin.requires) - installed.keys()
    if missing or plugin.name in installed:
        raise PluginProblem(f"plugin {plugin.name}: missing {sorted(missing)} or installed twice")
    known = set(plugin.permissions or ())
    given = set().union(*(plugin.granted or {}).values())
    if given - known:
        raise PluginProblem(f"plugin {plugin.name}: grants {sorted(given - known)}, which it does not declare")


def plugins() -> list[Plugin]:
    installed: dict[str, Plugin] = current_app.extensions["plugins"]
    return list(installed.values())


def permissions_of(role: str) -> frozenset[str]:
    """What a role starts with, over all plugins; found once, since it is asked of every request."""
    known: dict[str, frozenset[str]] = current_app.extensions["permissions of roles"]
    if role not in known:
        known[role] = frozenset().union(*((plugin.granted or {}).get(role, ()) for plugin in plugins()))
    return known[role]
