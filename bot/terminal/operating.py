"""What a terminal can ask about the running of Escher itself: its settings, its backups, its index."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from bot.backups import FAILURES
from bot.runner import Runner
from bot.settable import Applies, parsed
from bot.settings import Loaded, SettingsError
from bot.settings_desk import Change, SettingsDesk, masked, settings_rows
from bot.terminal import shapes
from bot.terminal.asked import Answer, BadRequest, Caller
from engine.backup.making import BackupRefused, Made
from engine.principal import Principal
from engine.refusal import Refusal
from engine.storage.settings_store import SettingOverride

Method = Callable[[Caller, Mapping[str, Any]], Awaitable[Answer]]


class Operating:
    """The operator's methods of a runner.

    Args:
        runner: The runner.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by name."""
        return {
            "settings_show": self._settings_show,
            "settings_set": self._settings_set,
            "backup": self._backup,
            "reindex": self._reindex,
        }

    async def _settings_show(self, caller: Caller, params: Mapping[str, Any]) -> Answer:
        del caller, params
        desk = self._runner.desk
        return shown_of(desk.loaded, desk.kept())

    async def _settings_set(self, caller: Caller, params: Mapping[str, Any]) -> Answer:
        return change(self._runner.desk, caller.principal, params)

    async def _backup(self, caller: Caller, params: Mapping[str, Any]) -> Answer:
        del caller
        try:
            return backed_up(await self._runner.backups.now(str(params.get("to") or "")))
        except SettingsError as error:
            raise BadRequest(str(error)) from None
        except FAILURES as error:
            refused = isinstance(error, BackupRefused)
            shape = {"schema": shapes.SCHEMA, "ok": False, "refused": refused, "message": str(error)}
            return {"shape": shape, "text": str(error)}

    async def _reindex(self, caller: Caller, params: Mapping[str, Any]) -> Answer:
        del params
        loop = asyncio.get_running_loop()

        def told(done: int, total: int) -> None:
            asyncio.run_coroutine_threadsafe(caller.say(f"{done:,} of {total:,} resources"), loop)

        found = await self._runner.reindex(told)
        shape = {"schema": shapes.SCHEMA, **asdict(found)}
        text = f"{found.embedded:,} of {found.resources:,} resources are indexed anew in {found.seconds:.1f} s"
        return {"shape": shape, "text": text}


def backed_up(made: Made) -> Answer:
    """Return what was kept where."""
    shape = {
        "schema": shapes.SCHEMA,
        "ok": True,
        "name": made.name,
        "target": made.target,
        "bytes": made.size,
        "checkpoint": made.checkpoint,
        "removed": list(made.removed),
    }
    text = (
        f"kept {made.name} at {made.target}: {made.size:,} bytes, audit checkpoint {made.checkpoint}. "
        f"It opens with the master key of this runner alone; keep that key elsewhere"
    )
    return {"shape": shape, "text": text}


def shown_of(loaded: Loaded, kept: Mapping[str, SettingOverride]) -> Answer:
    """Return every setting with its source: environment, database, file or default.

    Args:
        loaded: The settings, with or without what was changed.
        kept: What was changed.
    """
    rows = settings_rows(loaded, kept)
    file = str(loaded.path or "")
    lines = [f"file: {file or 'none'}"]
    for key, row in rows.items():
        by = f" by {row['by']} at {row['at'][:16]}" if "by" in row else ""
        lines.append(f"{key} = {_json(row['value'])}   ({row['source']}{by})")
    return {"shape": {"schema": shapes.SCHEMA, "file": file, "settings": rows}, "text": "\n".join(lines)}


def change(desk: SettingsDesk, principal: Principal, params: Mapping[str, Any]) -> Answer:
    """Set a setting to `value`, or without one let it fall back to the file."""
    key, value = str(params["key"]), params.get("value")
    if refused := desk.may(principal):
        return _refused(key, refused)
    try:
        proposed = desk.fallback(key) if value is None else desk.propose(key, parsed(str(value)))
    except SettingsError as error:
        return _wrong(key, str(error))
    if isinstance(proposed, Refusal):
        return _refused(key, proposed)
    if refused := desk.make(proposed, principal):
        return _refused(key, refused)
    shape = {
        "schema": shapes.SCHEMA,
        "key": proposed.key,
        "old": masked(proposed.key, proposed.old),
        "new": masked(proposed.key, proposed.new),
        "applies": proposed.applies.value,
        "shadowed_by": proposed.shadowed_by,
        "ok": True,
        "code": "",
    }
    return {"shape": shape, "text": told(proposed)}


def told(made: Change) -> str:
    """Return what was changed and from when on it holds."""
    text = f"{made.key} = {_json(masked(made.key, made.new))} (was {_json(masked(made.key, made.old))})"
    if made.shadowed_by:
        return f"{text}; kept, but {made.shadowed_by} in the environment stands above it"
    return f"{text}; takes effect {made.applies.value}"


def told_alone(made: Answer) -> Answer:
    """Return the answer as it is when no runner runs: everything takes effect at its next start."""
    shape = {**made["shape"]}
    text = str(made["text"])
    if shape.get("ok"):
        text = text.replace(f"takes effect {Applies.NOW.value}", f"takes effect {Applies.NEXT_START.value}")
        shape["applies"] = Applies.NEXT_START.value
    return {"shape": shape, "text": text}


def _refused(key: str, refusal: Refusal) -> Answer:
    doors = f" You could: {'; '.join(refusal.doors)}." if refusal.doors else ""
    shape = {"schema": shapes.SCHEMA, "key": key, "ok": False, "code": refusal.code, "message": refusal.message}
    return {"shape": shape, "text": f"{refusal.message}{doors}"}


def _wrong(key: str, message: str) -> Answer:
    shape = {"schema": shapes.SCHEMA, "key": key, "ok": False, "code": "settings.wrong", "message": message}
    return {"shape": shape, "text": message}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
