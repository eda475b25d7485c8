"""Ids of rows that are written by the hundred, in the order in which they were made (version 7 of RFC 9562).

A random id falls on another page of every index it stands in; after a checkpoint each of those is written to the log
whole. Of a lead with its household that was half of what an import cost the database. They hold the moment they were
made and 62 random bits: enough to be nobody else's, but no secret.
"""

import os
import time
from uuid import UUID

VERSION, VARIANT = 7 << 76, 2 << 62
MILLISECOND = 1_000_000  # in nanoseconds


def id_in_order() -> UUID:
    milliseconds, beyond = divmod(time.time_ns(), MILLISECOND)
    fraction = (beyond << 12) // MILLISECOND
    chance = int.from_bytes(os.urandom(8)) >> 2
    return UUID(int=milliseconds << 80 | VERSION | fraction << 64 | VARIANT | chance)
