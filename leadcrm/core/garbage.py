"""The collector of garbage, once everything is loaded."""

import gc

OFTEN = (20_000, 20, 20)  # objects, and rounds of the younger generation


def spare_what_is_there() -> None:
    """The application stays as it is: looking through it again and again costs a tenth of a request, and half of the
    time of a job that reads very many rows."""
    gc.collect()
    spare_what_is_loaded()


def spare_what_is_loaded() -> None:
    """At once, for a process that lives shortly: what little is garbage already stays too."""
    gc.freeze()
    gc.set_threshold(*OFTEN)
