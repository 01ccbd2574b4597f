"""The master key: 32 bytes, base64, kept outside the data directory; it wraps the roots of the key epochs.

A master key can be replaced. Between `stage` and `promote` both are held, so that a crash in between leaves a key
that opens the ring.
"""

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from engine.storage.keys import KEY_BYTES

SERVICE = "escher"
_SAFE_KEYCHAINS = frozenset(
    {
        ("keyring.backends.macOS", "Keyring"),
        ("keyring.backends.SecretService", "Keyring"),
        ("keyring.backends.libsecret", "Keyring"),
        ("keyring.backends.kwallet", "DBusKeyring"),
        ("keyring.backends.kwallet", "DBusKeyringKWallet4"),
        ("keyring.backends.Windows", "WinVaultKeyring"),
    }
)
_REMOTE = ("aws-kms", "azure-kv", "gcp-kms")


class MasterKeyError(Exception):
    """The master key cannot be used as configured; the text names `[keys] master` and says what to write."""


class MasterKey(Protocol):
    """Where the master key lives."""

    def held(self) -> tuple[bytes, ...]:
        """Return the key in force first, then the staged one if there is any; creates the first key if it may.

        Raises:
            MasterKeyError: It is not there, unreadable, or not safe where it is.
        """
        ...

    def stage(self) -> bytes:
        """Make sure that a next key is kept beside the one in force, and return it.

        Raises:
            MasterKeyError: The next key cannot be kept there.
        """
        ...

    def promote(self) -> None:
        """Put the staged key in force and forget the former one; without a staged key nothing happens.

        Raises:
            MasterKeyError: The change could not be kept.
        """
        ...


def master_key(setting: str, *, environment: Mapping[str, str], data_dir: Path) -> MasterKey:
    """Return the master key that `[keys] master` describes.

    Args:
        setting: `keyring`, `env:NAME` or `file:PATH`.
        environment: The process environment, as the settings read it.
        data_dir: The data directory; a key file may not lie inside it.

    Raises:
        MasterKeyError: The setting means nothing, or names a source that this version does not have.
    """
    kind, _, rest = setting.partition(":")
    if kind == "keyring":
        return KeychainKey(account=rest or "master")
    if kind == "env" and rest:
        return EnvironmentKey(name=rest, environment=environment)
    if kind == "file" and rest:
        return FileKey(path=Path(rest).expanduser(), data_dir=data_dir)
    if kind in _REMOTE:
        raise MasterKeyError(
            f"[keys] master: {kind} is not available in this version; write keyring, env:NAME or file:PATH"
        )
    raise MasterKeyError("[keys] master: write keyring, env:NAME or file:PATH")


def decode_key(text: str, where: str) -> bytes:
    """Return the 32 bytes that `text` spells in base64.

    Raises:
        MasterKeyError: It is not 32 bytes of base64; the text is not repeated.
    """
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise MasterKeyError(f"[keys] master: {where} must hold 32 bytes in base64; make one: openssl rand -base64 32")
    return key


def encode_key(key: bytes) -> str:
    """Return a key as one line of base64."""
    return base64.b64encode(key).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentKey:
    """The key in an environment variable. The next one is read from `<NAME>_NEXT`, set by whoever sets the first."""

    name: str
    environment: Mapping[str, str]

    def held(self) -> tuple[bytes, ...]:
        """Return the key, then the next one if it is set."""
        if not (value := self.environment.get(self.name, "")):
            raise MasterKeyError(f"[keys] master: the environment variable {self.name} is not set")
        first = decode_key(value, f"the environment variable {self.name}")
        upcoming = self.environment.get(f"{self.name}_NEXT", "")
        return (first, decode_key(upcoming, f"{self.name}_NEXT")) if upcoming else (first,)

    def stage(self) -> bytes:
        """Return the next key from `<NAME>_NEXT`."""
        held = self.held()
        if len(held) == 1 or held[0] == held[1]:
            raise MasterKeyError(f"[keys] master: set {self.name}_NEXT to a new key, then rotate again")
        return held[1]

    def promote(self) -> None:
        """Do nothing: whoever sets the environment moves `<NAME>_NEXT` to `<NAME>`; until then both are held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKey:
    """The key in a file of mode 0600 outside the data directory; the first line is in force, a second is staged."""

    path: Path
    data_dir: Path

    def held(self) -> tuple[bytes, ...]:
        """Return the keys in the file."""
        self._outside()
        try:
            with self.path.open(encoding="ascii") as file:
                state = os.fstat(file.fileno())
                text = file.read(1024)
        except FileNotFoundError:
            raise MasterKeyError(
                f"[keys] master: {self.path} does not exist; make it: (umask 077; openssl rand -base64 32 > {self.path})"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise MasterKeyError(f"[keys] master: cannot read {self.path}: {type(error).__name__}") from None
        if stat.S_IMODE(state.st_mode) & 0o077:
            raise MasterKeyError(f"[keys] master: others can read {self.path}; do: chmod 600 {self.path}")
        lines = text.split() or [""]
        return tuple(decode_key(line, str(self.path)) for line in lines[:2])

    def create(self) -> None:
        """Write a new random key unless the file exists; for the demo and `escher init`."""
        self._outside()
        if self.path.exists():
            return
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._write((secrets.token_bytes(KEY_BYTES),))

    def stage(self) -> bytes:
        """Return the second key of the file, which is added when missing."""
        held = self.held()
        if len(held) == 1:
            held = (held[0], secrets.token_bytes(KEY_BYTES))
            self._write(held)
        return held[1]

    def promote(self) -> None:
        """Replace the file by one that holds only the second key."""
        held = self.held()
        if len(held) > 1:
            self._write(held[1:])

    def _outside(self) -> None:
        if self.path.resolve().is_relative_to(self.data_dir.resolve()):
            raise MasterKeyError(
                f"[keys] master: {self.path} lies inside the data directory; a copy of that would hold its own key"
            )

    def _write(self, keys: tuple[bytes, ...]) -> None:
        """Replace the file in one step, durably."""
        scratch = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write("".join(f"{encode_key(key)}\n" for key in keys))
                file.flush()
                os.fsync(file.fileno())
            scratch.replace(self.path)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            scratch.unlink(missing_ok=True)
            raise MasterKeyError(f"[keys] master: cannot write {self.path}: {error.strerror}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeychainKey:
    """The key in the operating system's keychain, made at first start; the staged one in `<account>-next`."""

    account: str = "master"

    def held(self) -> tuple[bytes, ...]:
        """Return the keys in the keychain; the first is made when there is none."""
        chain = keychain()
        first = self._get(chain, self.account)
        if first is None:
            first = self._set(chain, self.account, secrets.token_bytes(KEY_BYTES))
        upcoming = self._get(chain, f"{self.account}-next")
        return (first,) if upcoming is None else (first, upcoming)

    def stage(self) -> bytes:
        """Return the next key, which is made when missing."""
        held = self.held()
        return (
            held[1] if len(held) > 1 else self._set(keychain(), f"{self.account}-next", secrets.token_bytes(KEY_BYTES))
        )

    def promote(self) -> None:
        """Move the next key into force."""
        held = self.held()
        if len(held) > 1:
            chain = keychain()
            self._set(chain, self.account, held[1])
            chain.delete_password(SERVICE, f"{self.account}-next")

    def _get(self, chain: Any, account: str) -> bytes | None:
        try:
            text = chain.get_password(SERVICE, account)
        except Exception as error:  # noqa: BLE001 - every keychain has exceptions of its own
            raise MasterKeyError(f"[keys] master: the keychain did not answer: {type(error).__name__}") from None
        return None if text is None else decode_key(text, f"the keychain entry {SERVICE}/{account}")

    def _set(self, chain: Any, account: str, key: bytes) -> bytes:
        try:
            chain.set_password(SERVICE, account, encode_key(key))
        except Exception as error:  # noqa: BLE001 - every keychain has exceptions of its own
            raise MasterKeyError(f"[keys] master: the keychain refused the key: {type(error).__name__}") from None
        if self._get(chain, account) != key:
            raise MasterKeyError("[keys] master: the keychain did not keep the key")
        return key


def keychain() -> Any:
    """Return the chosen keychain if it is one that encrypts; with `keyrings.alt` installed it may be a plain file."""
    import keyring  # noqa: PLC0415 - looking for keychains costs start-up time that other sources need not pay
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415 - as above

    chosen = keyring.get_keyring()
    inner = list(chosen.backends) if isinstance(chosen, ChainerBackend) else [chosen]
    for chain in inner:
        if (type(chain).__module__, type(chain).__name__) in _SAFE_KEYCHAINS:
            return chain
    names = ", ".join(f"{type(chain).__module__}.{type(chain).__name__}" for chain in inner) or "none"
    raise MasterKeyError(
        f"[keys] master: no safe keychain on this machine (found: {names}); write file:PATH or env:NAME instead"
    )
