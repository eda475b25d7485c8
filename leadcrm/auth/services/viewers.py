"""Who is looking: loaded from a session at the start of a request, or by id for a job."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from leadcrm.auth.permissions import GLASS, GLASS_REVEALING, READ_ONLY, SCOPES, Role
from leadcrm.auth.services import doors
from leadcrm.auth.services.sessions import FULL
from leadcrm.core.db import journal
from leadcrm.core.plugin import permissions_of
from leadcrm.core.scope import Scope, Viewer, viewing_as


@dataclass(frozen=True)
class Glass:
    """A company into which an admin looks for a short time; see services/glass.py."""

    id: UUID
    company_id: UUID
    company_name: str
    ends_at: datetime
    reveals: bool


@dataclass(frozen=True, eq=False)
class SignedIn(Viewer):
    """A viewer as flask-login wants one. Who has only given a password counts as a stranger everywhere else."""

    auth_level: int = FULL
    id_hash: bytes = b""
    due: bool = False  # the token in the cookie should be replaced
    glass: Glass | None = None
    behind: "SignedIn | None" = None  # the admin as such, behind broken glass
    asked: Mapping[str, Any] = field(default_factory=dict)  # the answers to doors.also_ask()

    is_active = True
    is_anonymous = False

    @property
    def is_authenticated(self) -> bool:
        return self.auth_level == FULL

    def get_id(self) -> str:
        return str(self.user_id)


class Opening:
    """Opens a session as the first statement of the request's transaction; see core.scope.announce()."""

    def __init__(self, id_hash: bytes, times: dict[str, timedelta]):
        self.id_hash, self.times = id_hash, times
        self.viewer: SignedIn | None = None
        self.spent = False  # the token was replaced long ago, yet its session lives: somebody has a copy

    def __call__(self, connection: Connection) -> None:
        row = doors.open_session(connection, self.id_hash, self.times)
        self.spent = bool(row.spent)
        if row.session_id is not None:
            holder = SignedIn(
                **described(row), session_id=row.session_id, auth_level=row.auth_level, id_hash=self.id_hash,
                stepped_up_at=row.stepped_up_at, due=row.due, asked=row.asked,
            )
            broken = row.glass_id is not None and holder.is_authenticated
            self.viewer = behind_glass(holder, row) if broken else holder


def described(row: Any) -> dict[str, Any]:
    """The attributes of a viewer, with what the role starts with and the grants on top."""
    half = getattr(row, "auth_level", FULL) != FULL
    usual = frozenset() if half else permissions_of(row.role)
    return {
        "scope": Scope.NONE if half else SCOPES[Role(row.role)],
        "company_id": row.company_id, "user_id": row.user_id, "name": row.name, "email": row.email, "role": row.role,
        "company_name": row.company_name, "language": row.language, "theme": row.theme,
        "read_only": row.role in READ_ONLY,
        "permissions": usual | frozenset(row.permissions) if row.permissions and not half else usual,
    }


def behind_glass(admin: SignedIn, row: Any) -> SignedIn:
    """The admin as this session looks now: into one company, changing nothing, with no right of their own."""
    glass = Glass(row.glass_id, row.glass_company, row.glass_company_name, row.glass_ends_at, row.glass_reveals)
    may = permissions_of(GLASS) | (permissions_of(GLASS_REVEALING) if glass.reveals else frozenset())
    return replace(
        admin, scope=Scope.COMPANY, company_id=glass.company_id, company_name=glass.company_name, read_only=True,
        permissions=may, glass=glass, behind=admin,
    )


def viewer_of(company_id: UUID, user_id: UUID) -> SignedIn | None:
    """For jobs: role and rights as they are now. None when the user or the company has been disabled since."""
    with viewing_as(None), journal() as own:
        row = doors.viewer(own, user_id)
    return SignedIn(**described(row)) if row is not None and row.company_id == company_id else None
