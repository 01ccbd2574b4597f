"""The archive file: a header in the clear, then sealed pieces, the last of which says that it is the last.

Pieces are AES-256-GCM under a key of this archive alone (HKDF-SHA256 of the master key with the header's salt). Each nonce is the
piece's number and whether it is the last, as in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, 2015): pieces that
are missing, moved, cut off or added do not open. The header is bound to every piece.
"""

import json
import os
import secrets
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.storage.key_epochs import master_id
from engine.storage.keys import KEY_BYTES

MAGIC = b"escher backup 1\n"
PIECE = 1024 * 1024
_TAG = 16
_MOST_HEADER = 4096


class NotABackup(Exception):
    """A file is no whole archive of ours, or not under this master key; the text says which."""


def seal(out: IO[bytes], pieces: Iterable[bytes], master: bytes) -> None:
    """Write an archive with the bytes of `pieces`; nothing is flushed to disk by this."""
    header = json.dumps({"v": 1, "master": master_id(master), "salt": secrets.token_hex(KEY_BYTES)}).encode()
    out.write(MAGIC + len(header).to_bytes(4, "big") + header)
    cipher, bound = _cipher(master, header), sha256(header).digest()
    waiting = b""
    number = 0
    for piece in pieces:
        waiting += piece
        while len(waiting) > PIECE:
            out.write(cipher.encrypt(_nonce(number, last=False), waiting[:PIECE], bound))
            waiting, number = waiting[PIECE:], number + 1
    out.write(cipher.encrypt(_nonce(number, last=True), waiting, bound))


def unseal(file: IO[bytes], masters: Iterable[bytes]) -> Iterator[bytes]:
    """Give the bytes of an archive piece by piece; each is authentic, and the whole only once this has ended.

    Raises:
        NotABackup: It is no archive, was changed or cut, or none of `masters` made it.
    """
    header = _header(file)
    named = json.loads(header).get("master")
    master = next((one for one in masters if master_id(one) == named), None)
    if master is None:
        raise NotABackup("it was made under another master key; [keys] master must be the key it was made with")
    cipher, bound = _cipher(master, header), sha256(header).digest()
    number = 0
    sealed = file.read(PIECE + _TAG)
    while True:
        following = file.read(PIECE + _TAG)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), sealed, bound)
        except (InvalidTag, ValueError):
            raise NotABackup("it is damaged or not whole") from None
        if not following:
            return
        sealed, number = following, number + 1


def durable(file: IO[bytes]) -> None:
    """Put what was written on disk."""
    file.flush()
    os.fsync(file.fileno())


def _header(file: IO[bytes]) -> bytes:
    if file.read(len(MAGIC)) != MAGIC:
        raise NotABackup("it is no backup of Escher")
    size = int.from_bytes(file.read(4), "big")
    header = file.read(size) if size <= _MOST_HEADER else b""
    try:
        said = json.loads(header)
        whole = len(header) == size and said["v"] == 1 and isinstance(said["salt"], str)
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise NotABackup("it is damaged or of a later version")
    return header


def _cipher(master: bytes, header: bytes) -> AESGCM:
    salt = str(json.loads(header)["salt"]).encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=b"escher/1/backup").derive(master))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
