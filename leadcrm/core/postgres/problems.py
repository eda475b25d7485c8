"""What can be wrong with the database server; each message says what to do about it."""


class PostgresProblem(RuntimeError):
    """PostgreSQL cannot be found, started or prepared."""


class RolesExist(PostgresProblem):
    """The roles are there already and nobody told us their passwords."""


class UnsafeLogin(PostgresProblem):
    """The login could see or change rows that the policies hide."""
