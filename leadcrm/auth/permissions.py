"""Roles of people, and how far each sees."""

from leadcrm.core.fields.terms import Terms
from leadcrm.core.scope import Scope


class Role(Terms):
    """What somebody is. Extra rights come on top, one grant at a time."""

    AGENT = "agent", "Adviseur", "Agent"
    MANAGER = "companymanager", "Bedrijfsmanager", "Company manager"
    ADMIN = "admin", "Beheerder", "Administrator"
    AUDITOR = "auditor", "Auditor", "Auditor"


SCOPES = {Role.AGENT: Scope.OWN, Role.MANAGER: Scope.COMPANY, Role.ADMIN: Scope.NONE, Role.AUDITOR: Scope.NONE}
# An auditor examines how data is processed: users, rights, the trail, failed logins. For that no lead need be seen, so
# none can be: the scope NONE sees no lead in either wall, masked or not.
READ_ONLY = frozenset({Role.AUDITOR})
LONGEST_AUDIT_DAYS = 366

# What an admin who broke the glass may do in that one company, beside the roles above; see services/glass.py.
GLASS, GLASS_REVEALING = "break-glass", "break-glass-revealing"
