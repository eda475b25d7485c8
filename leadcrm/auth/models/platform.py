"""Whose rows the staff of the platform sees: the companies and their people, never their leads."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Uuid,
    literal,
    or_,
)

from leadcrm.core.db import PLATFORM_ID
from leadcrm.core.scope import Scope, Viewer


def of_platform(viewer: Viewer) -> ColumnElement[bool]:
    return literal(PLATFORM_ID, Uuid()) == viewer.company_id


def by_company(model: Any, viewer: Viewer) -> ColumnElement[bool]:
    """A company sees its own; the platform's staff sees every company's."""
    own: ColumnElement[bool] = model.company_id == viewer.company_id
    return or_(of_platform(viewer), own) if viewer.scope == Scope.NONE else own
