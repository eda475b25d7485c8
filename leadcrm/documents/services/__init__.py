"""All that can be done with documents, without HTTP."""

from leadcrm.documents.services.finding import search
from leadcrm.documents.services.keeping import describe, keep, move, new_version, purge, rename, restore, trash

__all__ = ["describe", "keep", "move", "new_version", "purge", "rename", "restore", "search", "trash"]
