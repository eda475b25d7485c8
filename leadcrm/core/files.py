"""Files and folders that only their owner may read."""

import os
import tempfile
from pathlib import Path


def write_private(file: Path, text: str) -> None:
    """Replace the file whole or not at all, readable for its owner only."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w") as new:  # mkstemp made it 0600
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def private_folder(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
