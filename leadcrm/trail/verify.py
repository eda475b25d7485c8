"""Does the audit trail still say what was written? A program of its own: it imports nothing of leadcrm.

    python -m leadcrm.trail.verify FOLDER --public-key FILE --mac-keys FILE

FOLDER is what `leadcrm audit export` wrote: lines.jsonl (every line), heads.json (where each chain ends, by the
database), anchors.jsonl (the file of signed anchors; better: your own copy of it). The public key comes from
instance/anchors/anchor.pub; keep it elsewhere. The MAC keys come from `leadcrm audit keys`; without them
(--mac-keys left out) only numbering, columns and anchors are checked.

Three proofs stand beside each other. Each line's MAC covers the line and the MAC before it, with a key that is not in
the database: a line that was changed, removed, moved or forged breaks the chain. Each hour an anchor says where every
chain ended, signed and written outside the database: a chain whose end was cut off does not reach its anchor. And each
anchor's number and digest stand in the chain of the platform: an anchor file that was cut off misses them.
"""

import argparse
import base64
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b, sha256
from hmac import compare_digest
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PLATFORM = "00000000-0000-4000-8000-000000000001"
COLUMNS = ("seq", "at", "actor_id", "action", "subject", "row_id")
Line = Mapping[str, Any]
Place = tuple[str, int]  # a company, and the number of a line in its chain


def chain_mac(key: bytes, previous: bytes, body: str) -> bytes:
    return blake2b(previous + body.encode(), key=key, digest_size=32).digest()


def digest(anchor_line: str) -> str:
    return sha256(anchor_line.encode()).hexdigest()


def signed_text(anchor: Mapping[str, Any]) -> bytes:
    """What the signature covers: everything but itself, keys sorted, no spaces."""
    rest = {name: value for name, value in anchor.items() if name != "signature"}
    return json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()


class Verifier:
    """Takes anchors, then lines in order of company and number, then heads; `problems` says what is wrong."""

    def __init__(self, public_key: bytes, mac_keys: Mapping[str, bytes] | None):
        self.public_key = Ed25519PublicKey.from_public_bytes(public_key)
        self.mac_keys = mac_keys
        self.problems: list[str] = []
        self.anchored: dict[Place, str] = {}  # MACs that a signed anchor vouches for, until their line has come by
        self.digests: list[str] = []  # of the lines of the anchor file
        self.ends: dict[str, tuple[int, str]] = {}
        self.lines = 0

    def take_anchors(self, text_lines: Iterable[str]) -> None:
        for number, text in enumerate(text_lines, 1):
            anchor = json.loads(text)
            try:
                self.public_key.verify(base64.b64decode(anchor["signature"]), signed_text(anchor))
            except InvalidSignature:
                self.problems.append(f"anchor {number}: its signature is not ours")
                continue
            before = self.digests[-1] if self.digests else ""
            if anchor["number"] != number or anchor["previous"] != before:
                self.problems.append(f"anchor {number}: an anchor before it is missing or was changed")
            self.digests.append(digest(text))
            self.anchored |= {(company, seq): mac for company, (seq, mac) in anchor["heads"].items()}

    def take_lines(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self.lines += 1
            self._take(line)

    def _take(self, line: Line) -> None:
        company, seq, mac = line["company"], line["seq"], line["mac"]
        last, previous = self.ends.get(company, (0, ""))
        here = f"{company} line {seq}"
        if seq != last + 1:
            self.problems.append(f"{here}: comes after line {last}, lines are missing or out of order")
        body = json.loads(line["body"])
        if body["company"] != company or any(str(body[name]) != str(line[name]) for name in COLUMNS):
            self.problems.append(f"{here}: its columns do not say what its text says")
        if self.mac_keys is not None:
            key = self.mac_keys.get(company)
            right = chain_mac(key, bytes.fromhex(previous), line["body"]).hex() if key else ""
            if not compare_digest(right, mac):
                self.problems.append(f"{here}: was changed, moved or forged (its MAC is wrong)")
        vouched = self.anchored.pop((company, seq), mac)
        if not compare_digest(vouched, mac):
            self.problems.append(f"{here}: is not the line that was anchored")
        if company == PLATFORM and body["action"] == "anchored":
            self._compare_anchor(here, body["details"])
        self.ends[company] = (seq, mac)

    def _compare_anchor(self, here: str, details: Mapping[str, Any]) -> None:
        number = details["number"]
        if number > len(self.digests):
            self.problems.append(f"{here}: tells of anchor {number}, but the anchor file ends at {len(self.digests)}")
        elif self.digests[number - 1] != details["digest"]:
            self.problems.append(f"{here}: anchor {number} in the file is another one than was written")

    def take_heads(self, heads: Mapping[str, tuple[int, str]]) -> None:
        """Last: what the database says of its chains' ends, and what was anchored but never came by."""
        for company in sorted({*heads, *self.ends}):
            if tuple(heads.get(company, (0, ""))) != self.ends.get(company, (0, "")):
                self.problems.append(f"{company}: ends elsewhere than the database says, lines were removed or added")
        for company, seq in sorted(self.anchored):
            self.problems.append(f"{company} line {seq}: was anchored and is gone, the end of the chain was cut off")


def exported(folder: Path) -> Iterator[Line]:
    with (folder / "lines.jsonl").open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def verify_folder(folder: Path, public_key: Path, mac_keys: Path | None) -> Verifier:
    known = json.loads(mac_keys.read_text()) if mac_keys else None
    keys = None if known is None else {company: bytes.fromhex(key) for company, key in known.items()}
    verifier = Verifier(base64.b64decode(public_key.read_bytes()), keys)
    verifier.take_anchors((folder / "anchors.jsonl").read_text(encoding="utf-8").splitlines())
    verifier.take_lines(exported(folder))
    heads = json.loads((folder / "heads.json").read_text())
    verifier.take_heads({company: tuple(end) for company, end in heads.items()})
    return verifier


def told(verifier: Verifier) -> str:
    counted = f"{verifier.lines} lines in {len(verifier.ends)} chains, {len(verifier.digests)} anchors"
    return "\n".join([*verifier.problems, f"{counted}: {len(verifier.problems) or 'no'} problems"])


def main(arguments: list[str] | None = None) -> int:
    """0: everything holds; 1: something does not."""
    parser = argparse.ArgumentParser(description="Verify an exported audit trail.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--public-key", type=Path, required=True)
    parser.add_argument("--mac-keys", type=Path)
    given = parser.parse_args(arguments)
    verifier = verify_folder(given.folder, given.public_key, given.mac_keys)
    print(told(verifier))
    return 1 if verifier.problems else 0


if __name__ == "__main__":
    sys.exit(main())
