"""The key ring: what every store seals, opens and blinds with.

One `EpochRoot` per key epoch holds two random 32-byte roots. The data root opens envelopes and makes keyed hashes and
goes away when its epoch is retired. The audit root outlives it: audit entries are hashed as stored and are therefore
never re-encrypted. Every key in use is derived from a root with HKDF-SHA256 (RFC 5869) and a purpose of its own.
"""

import hmac
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.storage import envelope
from engine.storage.envelope import EnvelopeError

KEY_BYTES = 32


class Purpose(StrEnum):
    """What a derived key is for; each purpose has a key of its own."""

    DATA = "data"
    BLIND = "blind"
    MATRIX = "matrix"
    SESSION = "session"
    AUDIT_DATA = "audit-data"
    AUDIT_MAC = "audit-mac"
    AUDIT_SIGN = "audit-sign"


_OF_AUDIT_ROOT = frozenset({Purpose.AUDIT_DATA, Purpose.AUDIT_MAC, Purpose.AUDIT_SIGN})


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRoot:
    """The two roots of one key epoch, 32 bytes each; `data` is None once the epoch is retired."""

    data: bytes | None
    audit: bytes

    def __repr__(self) -> str:
        """Never show key material."""
        return f"EpochRoot(data={'held' if self.data else 'retired'})"


def new_root() -> EpochRoot:
    """Return fresh random roots for a new epoch."""
    return EpochRoot(data=secrets.token_bytes(KEY_BYTES), audit=secrets.token_bytes(KEY_BYTES))


def derive(root: bytes, purpose: str) -> bytes:
    """Return the 32-byte key for `purpose`: HKDF-SHA256 over `root`, no salt, info `escher/1/<purpose>`."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"escher/1/{purpose}".encode()).derive(root)


class KeyRing:
    """Seals, opens and blinds; new values always under the newest epoch. Safe to share between threads.

    A ring that lives through a rotation keeps the retired data roots in memory until it is dropped, so that a row
    read just before can still be opened; on disk they are gone.

    Args:
        roots: Epoch number to roots; the highest number is the current epoch. At least one.
        reload: Called when an envelope names an epoch this ring does not hold; returns the roots stored now.
    """

    def __init__(
        self, roots: Mapping[int, EpochRoot], *, reload: Callable[[], Mapping[int, EpochRoot]] | None = None
    ) -> None:
        self._lock = threading.Lock()
        self._roots: dict[int, EpochRoot] = {}
        self._live: tuple[int, ...] = ()
        self._keys: dict[tuple[int, Purpose], bytes] = {}
        self._ciphers: dict[tuple[int, Purpose], AESGCM] = {}
        self._reload = reload
        self.adopt(roots)

    @classmethod
    def ephemeral(cls) -> "KeyRing":
        """Return a ring with one random epoch that is stored nowhere; what it seals ends with the process."""
        return cls({1: new_root()})

    def __repr__(self) -> str:
        """Never show key material."""
        return f"KeyRing(epoch={self.epoch})"

    @property
    def epoch(self) -> int:
        """The epoch new values are sealed under."""
        return self._live[0]

    @property
    def live(self) -> tuple[int, ...]:
        """The epochs whose data may still be in the store, newest first."""
        return self._live

    def adopt(self, roots: Mapping[int, EpochRoot]) -> None:
        """Take over the roots that are stored now; earlier data roots stay in memory."""
        if not roots:
            raise ValueError("a key ring needs at least one epoch")
        with self._lock:
            for epoch, root in roots.items():
                held = self._roots.get(epoch)
                data = root.data if root.data is not None or held is None else held.data
                self._roots[epoch] = EpochRoot(data=data, audit=root.audit)
            self._live = tuple(sorted((epoch for epoch, root in roots.items() if root.data is not None), reverse=True))
            if not self._live:
                raise ValueError("a key ring needs at least one epoch that is not retired")

    def catch_up(self, epoch: int) -> None:
        """Look at the stored epochs again when something was already written under a newer one."""
        if epoch > self.epoch and self._reload is not None:
            self.adopt(self._reload())

    def seal(self, table: str, record_id: str, version: int, plaintext: bytes) -> bytes:
        """Return `plaintext` as an envelope that opens only for this table, record and version."""
        epoch = self.epoch
        return envelope.seal(self._cipher(epoch, Purpose.DATA), epoch, table, record_id, version, plaintext)

    def open(self, table: str, record_id: str, version: int, sealed: bytes) -> bytes:
        """Return what was sealed for this table, record and version.

        Raises:
            EnvelopeError: It was changed, moved, rolled back, or its key is not held; names the record only.
        """
        return self._open(Purpose.DATA, table, record_id, version, sealed)

    def seal_audit(self, table: str, record_id: str, plaintext: bytes) -> bytes:
        """Return an envelope that stays readable after its epoch is retired; for the audit tables only."""
        epoch = self.epoch
        return envelope.seal(self._cipher(epoch, Purpose.AUDIT_DATA), epoch, table, record_id, 1, plaintext)

    def open_audit(self, table: str, record_id: str, sealed: bytes) -> bytes:
        """Return what `seal_audit` sealed.

        Raises:
            EnvelopeError: As for `open`.
        """
        return self._open(Purpose.AUDIT_DATA, table, record_id, 1, sealed)

    def blind(self, field: str, value: str) -> str:
        """Return the keyed hash of `value` for equality search: HMAC-SHA256 cut to 128 bit, 32 hex digits."""
        return self._blind(self.epoch, field, value)

    def blinds(self, field: str, value: str) -> tuple[str, ...]:
        """Return the keyed hashes of `value` under every live epoch, newest first; look rows up with all of them."""
        return tuple(self._blind(epoch, field, value) for epoch in self.live)

    def secret(self, purpose: Purpose, epoch: int | None = None) -> bytes:
        """Return the 32-byte key for a purpose that is not sealing, such as the matrix seed or session tokens.

        Args:
            purpose: What it is for.
            epoch: The key epoch; None is the current one.

        Raises:
            KeyError: The ring does not hold that epoch.
        """
        return self._key(self.epoch if epoch is None else epoch, purpose)

    def signer(self, epoch: int | None = None) -> Ed25519PrivateKey:
        """Return the key that signs audit checkpoints of an epoch.

        Raises:
            KeyError: The ring does not hold that epoch.
        """
        return Ed25519PrivateKey.from_private_bytes(self.secret(Purpose.AUDIT_SIGN, epoch))

    def _open(self, purpose: Purpose, table: str, record_id: str, version: int, sealed: bytes) -> bytes:
        epoch = envelope.epoch_of(table, record_id, sealed)
        if epoch not in self._roots and self._reload is not None:
            self.adopt(self._reload())
        try:
            cipher = self._cipher(epoch, purpose)
        except KeyError:
            raise EnvelopeError(table, record_id, f"the key of epoch {epoch} is not held") from None
        return envelope.unseal(cipher, table, record_id, version, sealed)

    def _blind(self, epoch: int, field: str, value: str) -> str:
        message = field.encode() + b"\x00" + value.encode()
        return hmac.digest(self._key(epoch, Purpose.BLIND), message, "sha256")[:16].hex()

    def _key(self, epoch: int, purpose: Purpose) -> bytes:
        if (found := self._keys.get((epoch, purpose))) is not None:
            return found
        root = self._roots[epoch].audit if purpose in _OF_AUDIT_ROOT else self._roots[epoch].data
        if root is None:
            raise KeyError(epoch)
        return self._keys.setdefault((epoch, purpose), derive(root, purpose))

    def _cipher(self, epoch: int, purpose: Purpose) -> AESGCM:
        if (found := self._ciphers.get((epoch, purpose))) is not None:
            return found
        return self._ciphers.setdefault((epoch, purpose), AESGCM(self._key(epoch, purpose)))
