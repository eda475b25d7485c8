"""A passkey in software: what a telephone or security key does, and what it never should."""

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

ORIGIN = "https://localhost:8443"  # of the configuration's base_url, as the tests have it
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftKey:
    """One credential. Attributes are what an attacker would want to be different."""

    origin: str = ORIGIN
    rp_id: str = "localhost"
    verifies: bool = True
    count: int = 0
    counts: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    ident: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def make(self, options: dict[str, Any]) -> str:
        """The answer to navigator.credentials.create()."""
        point = self.key.public_key().public_numbers()
        cose = encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.ident).to_bytes(2, "big") + self.ident + cose
        data = self._data(ATTESTED) + attested
        client = self._client("webauthn.create", options)
        made = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer({
            "clientDataJSON": bytes_to_base64url(client), "attestationObject": bytes_to_base64url(made),
            "transports": ["internal"],
        })  # fmt: skip

    def sign(self, options: dict[str, Any], **other: Any) -> str:
        """The answer to navigator.credentials.get()."""
        if self.counts:
            self.count += 1
        data, client = self._data(0), self._client("webauthn.get", options | other)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({
            "clientDataJSON": bytes_to_base64url(client), "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature), "userHandle": None,
        })  # fmt: skip

    def _data(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        assert base64url_to_bytes(options["challenge"])
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        ident = bytes_to_base64url(self.ident)
        return json.dumps({"id": ident, "rawId": ident, "type": "public-key", "response": response})
