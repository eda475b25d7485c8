"""Roles of people, and how far each sees."""

from leadcrm.core.fields.terms import Terms
from leadcrm.core.scope import Scope


class Role(Terms):
    """What somebody is. Extra rights come on top, one grant at a time."""

    AGENT = "agent", "Adviseur", "Agent"
    MANAGER = "companymanager", "Bedrijfsmanager", "Company manager"
    ADMIN = "admin", "Beheerder", "Administrator"


SCOPES = {Role.AGENT: Scope.OWN, Role.MANAGER: Scope.COMPANY, Role.ADMIN: Scope.NONE}
