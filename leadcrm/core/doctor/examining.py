"""Examines an instance: every check of core and of the plugins, each on its own, so that none can hide another."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pkgutil import resolve_name
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _

from leadcrm.core.config import Config, ConfigProblem, load
from leadcrm.core.databases import worker_database_url
from leadcrm.core.db import close_session
from leadcrm.core.doctor import answers, database, files, machine, policies, sealed, software, stored, trail, work
from leadcrm.core.doctor.report import Check, Finding, Group, fail, finding, ok, skip
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.core.server import FACTORY

CORE = (
    *answers.CHECKS, *files.CHECKS, *sealed.CHECKS, *stored.CHECKS, *database.CHECKS, *policies.CHECKS, *trail.CHECKS,
    *work.CHECKS, *machine.CHECKS, *software.CHECKS,
)  # fmt: skip
AS = Everything("the doctor examines the instance")
SEE_OTHERS = _("see the other findings first")
CONFIGURATION = Check("config.readable", _("Configuration"), Group.KEYS, lambda _subject: ok(_("every key is known")))
APPLICATION = Check("app.starts", _("Application"), Group.KEYS, lambda _subject: ok(_("it starts")))


def examine() -> list[Finding]:
    """Everything there is to check here; without a readable configuration there is only that to say."""
    try:
        config = load()
    except ConfigProblem as problem:
        said = fail(_("it is refused"), _("correct the keys that it names"), str(problem))
        return [finding(CONFIGURATION, said)]
    try:
        app: Flask = resolve_name(FACTORY)(config, worker_database_url(config))
    except Exception as problem:  # whatever it is: the checks of core say what is wrong
        said = fail(_("it does not start"), SEE_OTHERS, f"{type(problem).__name__}: {problem}")
        return [finding(APPLICATION, said), *examined(Subject(config), CORE)]
    try:
        return [finding(APPLICATION, ok(_("it starts"))), *examine_app(app, config)]
    finally:
        app.extensions["database"].close()


def examine_app(app: Flask, config: Config) -> list[Finding]:
    """The checks of core and of the plugins of this application, which has the worker's login."""
    return list(examined(Subject(config, app), checks_of(app)))


def checks_of(app: Flask) -> list[Check]:
    brought = [check for plugin in app.extensions["plugins"].values() for check in plugin.checks]
    return [*CORE, *brought]


def examined(subject: Subject, checks: Iterable[Check]) -> Iterator[Finding]:
    for check in checks:
        with _at_hand(subject.app):
            yield finding(check, look(check, subject))


def look(check: Check, subject: Subject) -> Any:
    """A check that breaks is a finding, and the others still run."""
    try:
        if check.needs_answer and subject.visitor.problem:
            return skip(_("not seen: nobody answers"), _("start the product, then look again"))
        return check.look(subject)
    except Exception as problem:
        first_line = str(problem).partition("\n")[0]
        return fail(_("could not be examined"), SEE_OTHERS, f"{type(problem).__name__}: {first_line}")


@contextmanager
def _at_hand(app: Flask | None) -> Iterator[None]:
    """A fresh session each: what breaks one check must not break the next."""
    if app is None:
        yield
        return
    with app.app_context(), viewing_as(AS):
        yield
        close_session()
