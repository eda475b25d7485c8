"""What wraps the companies' keys: a master key in a file, or a command that asks a key service.

A wrapped key opens for its own company and number only.
"""

import base64
import binascii
import os
import shlex
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from leadcrm.core.config import PREFIX
from leadcrm.core.keys.files import KEY_BYTES, KeyProblem, masters_in

HEADER = struct.Struct(">BI12s")
VERSION = 1
FINGERPRINT_BYTES = 16
COMMAND = "command"


def context_of(company_id: UUID, number: int) -> bytes:
    return b"leadcrm company key|" + company_id.bytes + number.to_bytes(4, "big")


class Wrapper(Protocol):
    """Wraps with what is newest; `name` is kept beside what it wrapped."""

    @property
    def name(self) -> str: ...

    def wrap(self, key: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Raises KeyProblem."""


class MasterFiles:
    """Master keys by number; the highest wraps. One that another process added is found when it is asked for."""

    def __init__(self, masters: dict[int, bytes], folder: Path | None = None):
        self._masters, self._folder = dict(masters), folder

    @property
    def name(self) -> str:
        return f"master-{max(self._masters)}"

    def wrap(self, key: bytes, context: bytes) -> bytes:
        number, nonce = max(self._masters), os.urandom(12)
        header = HEADER.pack(VERSION, number, nonce)
        return header + self._cipher(number).encrypt(nonce, key, header + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        try:
            version, number, nonce = HEADER.unpack_from(wrapped)
            if version != VERSION:
                raise KeyProblem(f"A wrapped key has the unknown version {version}: it was made by a newer leadcrm.")
            header = wrapped[: HEADER.size]
            return self._cipher(number).decrypt(nonce, wrapped[HEADER.size :], header + context)
        except (InvalidTag, struct.error) as error:
            raise KeyProblem("A wrapped key was changed, or moved to another company.") from error

    def _cipher(self, number: int) -> AESGCM:
        if number not in self._masters and self._folder is not None:
            self._masters |= masters_in(self._folder)
        if number not in self._masters:
            raise KeyProblem(f"master-{number}.key is missing: restore it from its backup.")
        derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"leadcrm key wrapping")
        return AESGCM(derived.derive(self._masters[number]))


@dataclass
class Command:
    """An outside command that wraps and unwraps: `<command> wrap` or `<command> unwrap`, base64 in and base64 out.

    The key travels through its pipes only: never among its arguments, never in its environment.
    """

    line: str
    seconds: float = 10
    name: str = COMMAND
    run: Callable[..., "subprocess.CompletedProcess[bytes]"] = field(default=subprocess.run, repr=False)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """The context goes in with the key, since not every service can bind one to the other."""
        return self._asked("wrap", sha256(context).digest()[:FINGERPRINT_BYTES] + key)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        plain = self._asked("unwrap", wrapped)
        mark, key = plain[:FINGERPRINT_BYTES], plain[FINGERPRINT_BYTES:]
        if not compare_digest(mark, sha256(context).digest()[:FINGERPRINT_BYTES]) or len(key) != KEY_BYTES:
            raise KeyProblem("A wrapped key was changed, or moved to another company.")
        return key

    def _asked(self, verb: str, content: bytes) -> bytes:
        try:
            done = self.run(
                [*shlex.split(self.line), verb], input=base64.b64encode(content), capture_output=True, check=False,
                timeout=self.seconds, env=_environment(), cwd="/",
            )
        except subprocess.TimeoutExpired:
            raise KeyProblem(f"key_command did not answer `{verb}` within {self.seconds:g} s.") from None
        except OSError as error:
            raise KeyProblem(f"key_command cannot be run: {error.strerror}. Check its path and rights.") from None
        if done.returncode != 0:
            raise KeyProblem(f"key_command {verb} failed with exit code {done.returncode}: run it by hand to see why.")
        try:
            answer = base64.b64decode(done.stdout.strip(), validate=True)
        except binascii.Error:
            answer = b""
        if not answer:
            raise KeyProblem(f"key_command {verb} did not answer in base64.")
        return answer


def _environment() -> dict[str, str]:
    """Its own settings, none of ours: a database password may stand there."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


class Wrappers:
    """The one that wraps, and those that may have wrapped before."""

    def __init__(self, command: Command | None, files: MasterFiles | None):
        self.command, self.files = command, files

    @property
    def current(self) -> Wrapper:
        chosen = self.command or self.files
        if chosen is None:
            raise KeyProblem("No key-encryption key: neither a master key file nor key_command is there.")
        return chosen

    def unwrap(self, wrapped: bytes, by: str, context: bytes) -> bytes:
        chosen = self.command if by == COMMAND else self.files
        if chosen is None:
            raise KeyProblem(
                f"A company's key was wrapped by {by}, which is not configured any more: "
                "configure it again until `leadcrm keys rotate-kek` has run."
            )
        return chosen.unwrap(wrapped, context)
