"""The ring of a process, from its configuration; and the first keys of an instance."""

import secrets
from pathlib import Path
from uuid import UUID

from leadcrm.core.config import Config
from leadcrm.core.crypto import ROOT, Keyring
from leadcrm.core.keys.companies import StoredKeys
from leadcrm.core.keys.files import (
    KEY_BYTES,
    KeyProblem,
    masters_in,
    read_key,
    refuse_readable_by_others,
    refuse_unsafe_place,
    write_private,
)
from leadcrm.core.keys.wrapping import Command, MasterFiles, Wrappers, context_of

WRAPPED_ROOT = "root.wrapped"
NOBODY = UUID(int=0)


def key_folder(config: Config) -> Path:
    return config.key_folder or config.instance / "keys"


def refuse_unsafe_keys(config: Config) -> None:
    """Before anything is read: where the keys lie."""
    refuse_unsafe_place(key_folder(config), config.instance)


def wrappers_of(config: Config) -> Wrappers:
    folder = key_folder(config)
    masters = masters_in(folder)
    command = Command(config.key_command, config.key_command_seconds) if config.key_command else None
    return Wrappers(command, MasterFiles(masters, folder) if masters else None)


def ring_of(config: Config, database_url: str) -> Keyring:
    """Raises KeyProblem: unsafe, missing or damaged keys stop the start."""
    refuse_unsafe_keys(config)
    folder = key_folder(config)
    wrappers = wrappers_of(config)
    return Keyring(masters_in(folder), root_key(folder, wrappers), StoredKeys(database_url, wrappers))


def root_key(folder: Path, wrappers: Wrappers) -> bytes | None:
    """None: an instance from before there was one; its oldest master is the root."""
    if (folder / ROOT).exists():
        return read_key(folder / ROOT)
    wrapped = folder / WRAPPED_ROOT
    if not wrapped.exists():
        return None
    if wrappers.command is None:
        raise KeyProblem(f"{wrapped} is wrapped by a command: set key_command again.")
    refuse_readable_by_others(wrapped)
    return wrappers.command.unwrap(wrapped.read_bytes(), context_of(NOBODY, 0))


def make_first_keys(config: Config) -> None:
    """For `leadcrm init`: where none are. A mounted secret is never written to."""
    folder = key_folder(config)
    refuse_unsafe_keys(config)
    if folder.exists() and any(folder.glob("*.key")) or (folder / WRAPPED_ROOT).exists():
        return
    if config.key_folder is not None:
        raise KeyProblem(
            f"key_folder {folder} holds no key. Make them on a safe machine with `leadcrm keys make FOLDER` and mount "
            "them there."
        )
    if not config.key_command:
        Keyring.create(folder)
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = Command(config.key_command, config.key_command_seconds)
    write_private(folder / WRAPPED_ROOT, command.wrap(secrets.token_bytes(KEY_BYTES), context_of(NOBODY, 0)))
