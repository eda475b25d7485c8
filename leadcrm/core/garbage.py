"""The collector of garbage of a process that works for days."""

import gc


def spare_what_is_there() -> None:
    """The application stays as it is: looking through it again and again costs a tenth of a request, and half of the
    time of a job that reads very many rows."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
