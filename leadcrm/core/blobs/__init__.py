"""Files, encrypted: what is on the disk or in the bucket is of no use without the company's key.

`keep`, `read` and `doom` are here; an upload that comes in pieces goes through `spool`. Nothing here knows what a file
is, whose lead it belongs to or who may read it: no route serves a blob, a plugin's row points to it and is asked first.
"""

from leadcrm.core.blobs.models import Blob as Blob
from leadcrm.core.blobs.places import start as start
from leadcrm.core.blobs.problems import StorageFull as StorageFull
from leadcrm.core.blobs.problems import Tampered as Tampered
from leadcrm.core.blobs.store import doom as doom
from leadcrm.core.blobs.store import keep as keep
from leadcrm.core.blobs.store import read as read
