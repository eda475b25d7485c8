"""What can be wrong with a file that comes in, or with one that we keep."""


class StorageFull(RuntimeError):
    """There is no room: nothing of what was being written is kept, what was acknowledged before stays."""


class TooManyUploads(StorageFull):
    """Their maker has begun so many that were never finished."""


class StorageAway(RuntimeError):
    """The place of the blobs does not answer, or does not let us in."""


class Tampered(ValueError):
    """What is stored is not what was kept: changed, cut off, swapped with another, or gone."""


class NoSpool(LookupError):
    """There is no such upload, for this viewer: finished, dropped, expired or another's."""


class TooLarge(ValueError):
    """Longer than a file may be; `most` is the limit in bytes."""

    def __init__(self, most: int):
        super().__init__(f"a file may have {most} bytes")
        self.most = most


class WrongOffset(ValueError):
    """The pieces do not join; `offset` is where the next one must begin."""

    def __init__(self, offset: int):
        super().__init__(f"goes on at {offset}")
        self.offset = offset


class Busy(RuntimeError):
    """Another request is writing this upload, or took it over."""


class Incomplete(ValueError):
    """An upload is finished before all of it is there."""
