"""The key of each file, sealed with its company's. The upload has it in the same box as the blob that comes of it."""

from uuid import UUID

from leadcrm.core.blobs.models import Blob, Spool
from leadcrm.core.blobs.sealing import Cipher
from leadcrm.core.crypto import Place, keyring


def _place(company_id: UUID, blob_id: UUID) -> Place:
    return Place("core_blob", "sealed_key", company_id, blob_id)


def sealed(key: bytes, company_id: UUID, blob_id: UUID) -> bytes:
    return keyring().seal(key, _place(company_id, blob_id))


def sealed_anew(row: Blob | Spool) -> bytes:
    """With the newest key of the company: a rotation may have passed the table where it goes already."""
    return sealed(_opened(row), row.company_id, row.id)


def cipher_of(row: Blob | Spool) -> Cipher:
    return Cipher(_opened(row), row.company_id, row.id)


def _opened(row: Blob | Spool) -> bytes:
    return keyring().open(bytes(row.sealed_key), _place(row.company_id, row.id))
