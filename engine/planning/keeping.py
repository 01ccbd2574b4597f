"""What a login leaves, in the operating system's keychain: one entry for each issuer and client."""

import hashlib
from dataclasses import dataclass
from typing import Any

from engine.planning.wire import PlannerUnavailable
from engine.storage.master import SERVICE, MasterKeyError, keychain


class LoginNotKept(PlannerUnavailable):
    """The keychain cannot be used for a login; the reason says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLogin:
    """The entry of one issuer and client."""

    issuer: str
    client_id: str

    def load(self) -> str:
        """Return what was kept, or nothing.

        Raises:
            LoginNotKept: The keychain cannot be used.
        """
        return str(self._do("read", lambda chain: chain.get_password(SERVICE, self._account)) or "")

    def save(self, refresh_token: str) -> None:
        """Keep it in place of what was there.

        Raises:
            LoginNotKept: The keychain did not keep it.
        """
        self._do("written", lambda chain: chain.set_password(SERVICE, self._account, refresh_token))
        if self.load() != refresh_token:
            raise LoginNotKept("the keychain did not keep the login")

    def forget(self) -> None:
        """Remove it.

        Raises:
            LoginNotKept: The keychain did not remove it.
        """
        if self.load():
            self._do("changed", lambda chain: chain.delete_password(SERVICE, self._account))

    @property
    def _account(self) -> str:
        return f"login-{hashlib.sha256(f'{self.issuer} {self.client_id}'.encode()).hexdigest()[:24]}"

    def _do(self, what: str, call: Any) -> Any:
        try:
            return call(keychain())
        except MasterKeyError:
            raise LoginNotKept(
                "a login without a client secret is kept in the operating system's keychain, and this machine has no safe "
                "one; set [agent] client_secret instead"
            ) from None
        except Exception as error:  # noqa: BLE001 - every keychain has exceptions of its own
            raise LoginNotKept(f"the keychain could not be {what}: {type(error).__name__}") from None
