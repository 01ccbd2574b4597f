"""One sealed value: AES-256-GCM, bound to the place it was written for.

Layout: format version (1 byte) | key epoch (4 bytes, big endian) | nonce (12) | ciphertext and tag (16). The
associated data names table, record id, record version and key epoch, so that a value copied to another row, an older
value put back under a newer version, and a changed epoch all fail to open. Nonces are random 96 bit: NIST SP 800-38D
section 8.3 allows 2**32 values per key, and keys change long before that.
"""

import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = 1
_HEADER = struct.Struct(">BI")
_NONCE = 12
_TAG = 16
OVERHEAD = _HEADER.size + _NONCE + _TAG


class EnvelopeError(Exception):
    """A stored value is not what was written there: damaged, moved, rolled back, or sealed under another key.

    Attributes:
        table: Where it was found, as `table.column`.
        record_id: The record; never its content.
    """

    def __init__(self, table: str, record_id: str, why: str) -> None:
        super().__init__(f"cannot open {table} of record {record_id}: {why}")
        self.table = table
        self.record_id = record_id


def seal(cipher: AESGCM, epoch: int, table: str, record_id: str, version: int, plaintext: bytes) -> bytes:
    """Return `plaintext` as an envelope for exactly this place, version and epoch."""
    nonce = os.urandom(_NONCE)
    body = cipher.encrypt(nonce, plaintext, _place(table, record_id, version, epoch))
    return _HEADER.pack(FORMAT, epoch) + nonce + body


def epoch_of(table: str, record_id: str, envelope: bytes) -> int:
    """Return the key epoch an envelope says it was sealed under.

    Raises:
        EnvelopeError: It is too short, or of a format this version does not know.
    """
    if len(envelope) < OVERHEAD:
        raise EnvelopeError(table, record_id, "it is cut short")
    version, epoch = _HEADER.unpack_from(envelope)
    if version != FORMAT:
        raise EnvelopeError(table, record_id, f"format {version} is not known to this version")
    return int(epoch)


def unseal(cipher: AESGCM, table: str, record_id: str, version: int, envelope: bytes) -> bytes:
    """Return what was sealed for this place and version.

    Raises:
        EnvelopeError: Anything does not match: bytes, place, version, epoch or key.
    """
    epoch = epoch_of(table, record_id, envelope)
    nonce = envelope[_HEADER.size : _HEADER.size + _NONCE]
    try:
        return cipher.decrypt(nonce, envelope[_HEADER.size + _NONCE :], _place(table, record_id, version, epoch))
    except InvalidTag:
        raise EnvelopeError(table, record_id, "it was changed, moved or rolled back, or the key is another") from None


def _place(table: str, record_id: str, version: int, epoch: int) -> bytes:
    """Length-prefixed, so that no two different places spell the same bytes."""
    name, record = table.encode(), record_id.encode()
    return struct.pack(">BIQI", FORMAT, epoch, version, len(name)) + name + struct.pack(">I", len(record)) + record
