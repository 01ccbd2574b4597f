"""The trail as JSON lines, for people outside: readable, with a signature over all of it and an anchor in the last line."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.audit.chain import canonical
from engine.audit.log import AuditLog, anchor_of
from engine.storage.keys import KeyRing

_FORMAT = 1


def export(log: AuditLog, keys: KeyRing) -> Iterator[str]:
    """Give one line for each entry and a last one with count, SHA-256, public key, Ed25519 signature and an anchor.

    The anchor is a checkpoint signed now, over at least these entries: kept elsewhere, the export shows whether any was removed later.
    The signature covers the UTF-8 bytes of all earlier lines, each with its line feed, as their SHA-256.

    Raises:
        EnvelopeError: An entry is not what was written.
        StorageUnavailable: The checkpoint is not durable.
    """
    anchor = anchor_of(log.checkpoint(), keys)
    digest, count = hashlib.sha256(), 0
    for recorded in log.events():
        event = recorded.event
        line = canonical(
            {
                "v": _FORMAT,
                "seq": recorded.seq,
                "at": event.at.isoformat() if event.at else "",
                "tag": str(event.tag),
                "principal": event.principal,
                "plan_id": event.plan_id,
                "step_id": event.step_id,
                "detail": dict(event.detail),
            }
        )
        digest.update(line + b"\n")
        count += 1
        yield line.decode()
    signer = keys.signer()
    yield canonical(
        {
            "v": _FORMAT,
            "entries": count,
            "sha256": digest.hexdigest(),
            "public_key": base64.b64encode(signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode(),
            "signature": base64.b64encode(signer.sign(_signed(count, digest.digest()))).decode(),
            "anchor": anchor,
        }
    ).decode()


def export_holds(lines: Iterable[str], public_key: bytes) -> bool:
    """Whether an export is complete and was signed by the holder of `public_key` (32 bytes, Ed25519).

    Take the key from an anchor or an earlier export, not from the export that is checked.
    """
    every = [line.rstrip("\n") for line in lines]
    if not every:
        return False
    digest = hashlib.sha256(b"".join(line.encode() + b"\n" for line in every[:-1])).digest()
    try:
        last = json.loads(every[-1])
        signature = base64.b64decode(last["signature"], validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _signed(len(every) - 1, digest))
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
    return True


def _signed(count: int, digest: bytes) -> bytes:
    return b"escher audit export 1\n" + count.to_bytes(8, "big") + digest
