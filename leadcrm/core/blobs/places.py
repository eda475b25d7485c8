"""The places of this application: its backend, and the folder where files are while they come in."""

import os
from pathlib import Path
from uuid import UUID

from flask import Flask, current_app

from leadcrm.core.blobs.backends import Backend, Local, private_folder
from leadcrm.core.config import Config, current_config

COMING_IN = "spool"


def folder_of(config: Config) -> Path:
    return config.blob_folder or config.instance / "blobs"


def made(config: Config) -> Backend:
    return Local(folder_of(config))


def backend() -> Backend:
    found: Backend = current_app.extensions["blobs"]
    return found


def coming_in() -> Path:
    """On the file system of the local backend, so that a finished file moves there in one step."""
    return private_folder(folder_of(current_config()) / COMING_IN)


def path_of(ident: UUID) -> Path:
    return coming_in() / str(ident)


def create(path: Path) -> int:
    """A new file for its owner only; never through a link that somebody put there."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def start(app: Flask) -> None:
    """With the application: where blobs lie must be a place that nobody publishes."""
    config: Config = app.extensions["config"]
    app.extensions["blobs"] = made(config)
