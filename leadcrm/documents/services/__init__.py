"""All that can be done with documents, without HTTP."""

from leadcrm.documents.services.arriving import Wanted, take
from leadcrm.documents.services.expiry import Flag, flag_of, usable
from leadcrm.documents.services.finding import search
from leadcrm.documents.services.guessing import kind_of
from leadcrm.documents.services.keeping import describe, keep, move, new_version, purge, rename, restore, trash
from leadcrm.documents.services.reading import NotReadable, open_version, zip_of

__all__ = [
    "Flag", "NotReadable", "Wanted", "describe", "flag_of", "keep", "kind_of", "move", "new_version", "open_version",
    "purge", "rename", "restore", "search", "take", "trash", "usable", "zip_of",
]  # fmt: skip
