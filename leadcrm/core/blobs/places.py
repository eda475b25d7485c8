"""The places of this application: its backend, and the folder where files are while they come in."""

import os
import shutil
from pathlib import Path
from uuid import UUID

from flask import Flask, current_app

from leadcrm.core.blobs.backends import Backend, Local, private_folder
from leadcrm.core.blobs.problems import StorageFull
from leadcrm.core.blobs.s3 import S3, Bucket
from leadcrm.core.config import Config, ConfigProblem, current_config
from leadcrm.core.keys.files import refuse_readable_by_others, served_in, work_tree_of

COMING_IN = "spool"


def folder_of(config: Config) -> Path:
    return config.blob_folder or config.instance / "blobs"


def made(config: Config) -> Backend:
    if not (config.s3_bucket and config.s3_endpoint and config.s3_key_id and config.s3_secret_file):
        return Local(folder_of(config))
    refuse_readable_by_others(config.s3_secret_file)
    return S3(Bucket(
        config.s3_endpoint, config.s3_bucket, config.s3_region, config.s3_key_id, config.s3_secret_file,
        config.s3_prefix, config.s3_ca_file,
    ))  # fmt: skip


def backend() -> Backend:
    found: Backend = current_app.extensions["blobs"]
    return found


def coming_in() -> Path:
    """On the file system of the local backend, so that a finished file moves there in one step."""
    return private_folder(folder_of(current_config()) / COMING_IN)


def path_of(ident: UUID) -> Path:
    return coming_in() / str(ident)


def refuse_without_room(length: int) -> None:
    """Raises StorageFull when so many bytes would leave less free than the database and the rest need."""
    config = current_config()
    free = shutil.disk_usage(coming_in()).free
    if free - length < config.keep_free_mb * 1024 * 1024:
        raise StorageFull(f"{free} bytes are free")


def refuse_unsafe_place(config: Config) -> None:
    """Encrypted or not, files lie where nobody publishes them, and where nobody else may put or change any."""
    folder = folder_of(config).resolve()
    if served := served_in(folder):
        raise ConfigProblem(
            f"The files in {folder} lie in {served}, which a web server may publish. Name another `blob_folder`."
        )
    if tree := work_tree_of(folder, config.instance.resolve()):
        raise ConfigProblem(
            f"The files in {folder} lie in the git work tree {tree} and could be committed. Name another `blob_folder`."
        )
    if folder.is_dir() and (folder.stat().st_mode & 0o077 or folder.stat().st_uid != os.geteuid()):
        raise ConfigProblem(
            f"The folder {folder} of the files is open to others. Run `chmod 700 {folder}`; it must belong to the user "
            "that runs leadcrm."
        )


def start(app: Flask) -> None:
    """With the application: where blobs lie must be a place that nobody publishes."""
    config: Config = app.extensions["config"]
    refuse_unsafe_place(config)
    app.extensions["blobs"] = made(config)
