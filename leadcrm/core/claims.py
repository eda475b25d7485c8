"""Two people want the same name at once: the database decides, and who comes second reads it beside the field.

Looking first whether a name is free is only a courtesy: between the look and the insert somebody else may take it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from psycopg import IntegrityError as Broken
from sqlalchemy.exc import IntegrityError

from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid


class Taken(Invalid):
    """What is claimed belongs to somebody else by now. `constraint` says which claim."""

    def __init__(self, message: Any, constraint: str):
        super().__init__(message)
        self.constraint = constraint


@contextmanager
def claiming(messages: Mapping[str, Any]) -> Iterator[None]:
    """Add or change rows in here. Raises Taken with the message of the constraint (by its name) that they break."""
    kept = {company: list(lines) for company, lines in session.info.get("audit", {}).items()}
    try:
        with session.begin_nested():
            yield
    except IntegrityError as problem:
        broken = constraint_of(problem)
        if broken not in messages:
            raise
        session.info["audit"] = defaultdict(list, kept)  # of what was done before; the savepoint took the rest
        raise Taken(messages[broken], broken) from problem


def constraint_of(problem: IntegrityError) -> str:
    cause = problem.orig
    return (cause.diag.constraint_name or "") if isinstance(cause, Broken) else ""
