"""Connections of the pools: statements stay prepared, and one that the server ended is not handed out."""

from select import select as select_ready
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError


class Prepared(psycopg.Connection[Any]):
    """Keeps what it has prepared when a transaction is rolled back.

    psycopg forgets all of it, lest a statement names a table that was made in that transaction. Here no table is made,
    and every refused request would make each statement of the next ones be read and planned anew. Where a statement
    failed all is forgotten still: a plan that a migration made useless would fail for ever.
    """

    def rollback(self) -> None:
        with self.lock:
            if self.pgconn.transaction_status == TransactionStatus.INTRANS:
                self.pgconn.exec_(b"ROLLBACK")
        super().rollback()  # has nothing left to do, or says what is wrong


def hold(engine: Engine) -> None:
    """Give the engine's pool connections of this sort."""
    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkout", refuse_dead)


def connect(_dialect: object, _record: object, _positional: object, given: dict[str, Any]) -> Prepared:
    return Prepared.connect(**given)


def refuse_dead(connection: Any, _record: object, _proxy: object) -> None:
    """A server that ended says so on the connection. That is seen without asking it anything, which a ping would."""
    if connection.closed or select_ready([connection.fileno()], [], [], 0)[0]:
        raise DisconnectionError("the server ended this connection")  # the pool makes another
