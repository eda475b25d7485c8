"""What people may do with the annex."""

from enum import StrEnum


class Annex(StrEnum):
    VIEW = "annex.view"  # the annex of one's own company, and its dated versions
    KEEP = "annex.keep"  # measure now, keep a version, send it, look after the register of suppliers
