"""PostgreSQL for leadcrm: the embedded server, its roles and database, and the check on who logs in."""

from leadcrm.core.postgres.embedded import Embedded
from leadcrm.core.postgres.problems import PostgresProblem, RolesExist, UnsafeLogin
from leadcrm.core.postgres.roles import prepare_cluster
from leadcrm.core.postgres.safety import refuse_unsafe_login
from leadcrm.core.postgres.urls import Urls, conninfo

__all__ = [
    "Embedded",
    "PostgresProblem",
    "RolesExist",
    "UnsafeLogin",
    "Urls",
    "conninfo",
    "prepare_cluster",
    "refuse_unsafe_login",
]
