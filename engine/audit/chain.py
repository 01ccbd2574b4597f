"""The bytes that are hashed, keyed and signed. Everything else about the trail asks here.

Entry k: `hash = SHA-256(hash of entry k-1 || stored bytes)`, and
`mac = HMAC-SHA256(audit key, epoch || seq || hash || plan id)`. The stored bytes are the envelope, so that verifying
decrypts nothing.
"""

import hashlib
import hmac
import json
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Any

GENESIS = bytes(32)
FORMAT = 1
_PLACE = struct.Struct(">IQ")


def entry_hash(previous: bytes, stored: bytes) -> bytes:
    """Return the hash of an entry: SHA-256 over the previous entry's hash and the stored bytes."""
    return hashlib.sha256(previous + stored).digest()


def entry_mac(key: bytes, epoch: int, seq: int, digest: bytes, plan_id: str) -> bytes:
    """Return the keyed hash of an entry's place, hash and plan."""
    return hmac.digest(key, _PLACE.pack(epoch, seq) + digest + plan_id.encode(), "sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A signed statement about the trail so far.

    Attributes:
        number: 1, 2, 3 … without gaps.
        seq: How many entries there were.
        epoch: The key epoch that signed.
        at: When.
        head: The hash of entry `seq`; 32 zero bytes when there was none.
        versions_hash: SHA-256 of the sealed record versions stored with it.
        prev_hash: The hash of the checkpoint before; 32 zero bytes for the first.
        signature: Ed25519 over `statement`.
    """

    number: int
    seq: int
    epoch: int
    at: datetime
    head: bytes
    versions_hash: bytes
    prev_hash: bytes
    signature: bytes = b""

    @property
    def statement(self) -> bytes:
        """The bytes that are signed."""
        return canonical(
            {
                "v": FORMAT,
                "number": self.number,
                "seq": self.seq,
                "epoch": self.epoch,
                "at": self.at.isoformat(),
                "head": self.head.hex(),
                "versions": self.versions_hash.hex(),
                "prev": self.prev_hash.hex(),
            }
        )

    @property
    def hash(self) -> bytes:
        """What the next checkpoint refers to."""
        return hashlib.sha256(self.statement + self.signature).digest()


def canonical(value: Any) -> bytes:
    """Return JSON with sorted keys and no spaces, as UTF-8; raises ValueError for what JSON cannot say."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
