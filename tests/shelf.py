"""What many tests of one file begin with is made once through the services, and put back row by row after that.

The clean-up between tests removes it as ever; ids, keys and times stay those of the first time.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from psycopg import sql

from tests.world import CLEANING, WORLD, superuser, written_by_tests

T = TypeVar("T")
Rows = dict[str, bytes]


class Shelf:
    """Of one file of tests: what another file does to keys or companies cannot reach it."""

    def __init__(self, admin_url: str) -> None:
        self.admin_url = admin_url
        self.kept: dict[str, tuple[Any, Rows]] = {}

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, and the rows that it writes. Where a test wrote before, it is made as if without us."""
        if written_by_tests(self.admin_url):
            return make()
        if name in self.kept:
            made, rows = self.kept[name]
            self._put_back(rows)
            return made  # type: ignore[no-any-return]  # what make gave
        made = make()
        self.kept[name] = made, self._rows()
        return made

    def _rows(self) -> Rows:
        written = written_by_tests(self.admin_url)
        assert not set(written) & set(WORLD), "the world is no thing to put on a shelf"
        return {table: self._read(table) for table in written}

    def _read(self, table: str) -> bytes:
        with (
            superuser(self.admin_url, CLEANING).cursor().copy(_copy("COPY {} TO STDOUT (FORMAT binary)", table)) as out
        ):
            return b"".join(bytes(part) for part in out)

    def _put_back(self, rows: Rows) -> None:
        admin = superuser(self.admin_url, CLEANING)  # without triggers
        with admin.transaction():
            for table, content in rows.items():
                with admin.cursor().copy(_copy("COPY {} FROM STDIN (FORMAT binary)", table)) as into:
                    into.write(content)


def _copy(statement: str, table: str) -> sql.Composed:
    return sql.SQL(statement).format(sql.Identifier(*table.split(".")))  # type: ignore[arg-type]  # ours, above
