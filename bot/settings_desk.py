"""Settings changed while Escher runs: who may, what it would be, kept with who and when, applied.

The same desk serves `escher settings`, beside a runner and alone, and the conversation. A change is checked by loading all
settings with it, exactly as at a start; it is kept in the database and told to the record in one transaction.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog

from bot.settable import SETTABLE, Applies, Place, at, changed, place, variable
from bot.settings import Loaded, SettingsError, keys, load
from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog
from engine.principal import Principal
from engine.proposing import PolicySource
from engine.refusal import Refusal
from engine.storage.record import Record
from engine.storage.settings_store import SettingOverride

_log = structlog.get_logger(__name__)
_SECRET_ENDS = ("token", "secret", "password", "_key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a change would be.

    Attributes:
        key: As it was named.
        root: The settable key whose value is kept.
        old: The present value at `key`.
        new: The value at `key` afterwards.
        whole: The value of `root` afterwards; None lets it fall back to the file.
        before: The present value of `root`.
        applies: When it takes effect.
        shadowed_by: The environment variable that stands above it; empty: none does.
    """

    key: str
    root: str
    old: Any
    new: Any
    whole: Any
    before: Any
    applies: Applies
    shadowed_by: str = ""


class SettingsDesk:
    """Shows and changes settings.

    Args:
        loaded: The settings; what is changed shows in them.
        record: Where changes are kept.
        audit: The trail.
        policy: Says who may.
    """

    def __init__(self, loaded: Loaded, *, record: Record, audit: AuditLog, policy: PolicySource) -> None:
        self._loaded = loaded
        self._record = record
        self._audit = audit
        self._policy = policy
        self.apply: Callable[[str], None] = _nothing

    @property
    def loaded(self) -> Loaded:
        """The settings as they are now."""
        return self._loaded

    def begin(self) -> None:
        """Lay what was changed over the file.

        Raises:
            SettingsError: What was changed no longer fits the file.
        """
        kept = self._kept()
        if not kept:
            return
        try:
            self._loaded.overlay(kept)
        except SettingsError as error:
            raise SettingsError(
                f"{error} (of {', '.join(sorted(kept))}, set from chat or `escher settings set`; "
                f"`escher settings unset KEY` takes one back)"
            ) from None

    def kept(self) -> dict[str, SettingOverride]:
        """Return what was changed, by key; a key that may no longer be changed so is left out."""
        return {name: one for name, one in self._record.settings.all().items() if name in SETTABLE}

    def may(self, principal: Principal) -> Refusal | None:
        """Refuse whoever may not change settings: the policy names the roles, else any role of it will do."""
        policy = self._policy()
        held = policy.roles_of(principal)
        wanted = policy.settings.editors
        if held & set(wanted) if wanted else held:
            return None
        who = " or ".join(wanted) or "a role"
        return Refusal(
            code="settings.role",
            message=f"The policy lets only those with {who} change settings. You are {principal.id}.",
            doors=(f"add {principal.id} to the members of a role in {self._loaded.policy_path}",),
        )

    def propose(self, key: str, value: Any) -> Change | Refusal:
        """Return what setting `key` to `value` would change; nothing is changed yet.

        Raises:
            SettingsError: There is no such setting, or it cannot hold that value; the sentence is that of a start.
        """
        where = place(key)
        if where is None:
            return self._file_only(key)
        before = self._value(where.root)
        whole = changed(where, before, value)
        anew = load(self._loaded.path, overrides={**self._kept(), where.root: whole})
        if refused := _writes_files(where, before, whole):
            return refused
        shadowed = anew.sources.get(where.root) == "environment"
        if not shadowed:
            whole = _at(anew.settings.model_dump(mode="json"), where.root)
        return self._change(key, where, before, whole, whole, shadowed=shadowed)

    def fallback(self, key: str) -> Change | Refusal:
        """Return what taking a change back would change.

        Raises:
            SettingsError: There is no such setting.
        """
        where = place(key)
        if where is None:
            return self._file_only(key)
        if where.root not in self._kept():
            return Refusal(
                code="settings.not_set",
                message=f"{where.root} was not changed; it is what the file, the environment or the default says.",
            )
        left = {name: value for name, value in self._kept().items() if name != where.root}
        try:
            after = _at(load(self._loaded.path, overrides=left).settings.model_dump(mode="json"), where.root)
        except SettingsError:
            after = None  # another change stands in the way of a start; taking this one back is still right
        shadowed = self._loaded.sources.get(where.root) == "environment"
        return self._change(where.root, Place(root=where.root), self._value(where.root), after, None, shadowed=shadowed)

    def make(self, change: Change, principal: Principal) -> Refusal | None:
        """Keep a change with who made it, and apply it; a refusal when it may not be, or the setting moved meanwhile.

        Raises:
            StorageUnavailable: It is not durable; nothing was changed.
        """
        if refused := self.may(principal):
            return refused
        detail = {"key": change.root, "old": change.before, "new": change.whole}
        with self._record.database.transaction():
            if self._value(change.root) != change.before:
                return Refusal(code="settings.moved", message=f"{change.root} was changed meanwhile; ask again.")
            if change.whole is None:
                self._record.settings.remove(change.root, changed_by=principal.id)
            else:
                self._record.settings.set(change.root, change.whole, changed_by=principal.id)
            self._audit.append(AuditEvent(tag=Tag.SETTINGS_CHANGED, principal=principal.id, detail=detail))
        try:
            self._loaded.overlay(self._kept())
        except SettingsError:
            _log.exception("a setting was kept that cannot be applied; the next start will say so")
            return None
        if change.applies is Applies.NOW:
            self.apply(change.root)
        return None

    def _change(self, key: str, where: Place, before: Any, after: Any, whole: Any, *, shadowed: bool) -> Change:
        return Change(
            key=key,
            root=where.root,
            old=at(where, before),
            new=at(where, after),
            whole=whole,
            before=before,
            applies=SETTABLE[where.root],
            shadowed_by=variable(where.root) if shadowed else "",
        )

    def _kept(self) -> dict[str, Any]:
        return {name: one.value for name, one in self.kept().items()}

    def _value(self, root: str) -> Any:
        return _at(self._loaded.settings.model_dump(mode="json"), root)

    def _file_only(self, key: str) -> Refusal:
        file = self._loaded.path or "escher.toml"
        return Refusal(
            code="settings.file_only",
            message=f"{key} stands in {file} or in the environment variable {variable(key)}, and nowhere else: "
            f"it decides who is let in or what can be reached.",
            doors=(f"write it in {file} and start Escher again",),
        )


def settings_rows(loaded: Loaded, kept: Mapping[str, SettingOverride]) -> dict[str, dict[str, Any]]:
    """Return every setting with its source, who changed it and when; secrets are not shown."""
    anew = loaded
    if changes := {name: one.value for name, one in kept.items() if name in SETTABLE}:
        with suppress(SettingsError):
            anew = load(loaded.path, overrides=changes)
    values = anew.settings.model_dump(mode="json")
    found = {
        key: {"value": masked(key, _at(values, key)), "source": anew.sources.get(key, "default")}
        for key in sorted(keys(values))
    }
    for key, one in kept.items():
        if found.get(key, {}).get("source") == "database":
            found[key] |= {"by": one.changed_by, "at": one.changed_at.isoformat()}
    return found


def masked(key: str, value: Any) -> Any:
    """Return a value fit to be shown: no secret, and no password inside an address."""
    if not isinstance(value, str) or not value:
        return value
    if key.endswith(_SECRET_ENDS) and not value.startswith(("keyring:", "env:", "file:")):
        return "(set)"
    if "://" in value and (password := urlsplit(value).password):
        return value.replace(f":{password}@", ":…@")
    return value


def _writes_files(where: Place, before: Any, whole: Any) -> Refusal | None:
    """Refuse a report into a file that the settings file does not name: a chat may not choose files of this machine."""
    if where.root != "report" or not isinstance(whole, list):
        return None

    def files(value: Any) -> set[str]:
        channels = (str(one.get("channel", "")) for one in value if isinstance(one, dict))
        return {channel for channel in channels if channel.startswith("file:")}

    if files(whole) <= files(before):
        return None
    return Refusal(
        code="settings.file_only",
        message="A report that goes to a file of this machine is configured in the settings file only.",
        doors=('write [[report]] channel = "file:PATH" in the settings file',),
    )


def _at(values: Any, dotted: str) -> Any:
    for part in dotted.split("."):
        values = values.get(part) if isinstance(values, dict) else None
    return values


def _nothing(root: str) -> None:
    """Alone there is nothing that runs."""
    del root
