"""Commands beside a running runner: what they need to know, how they end, and how little they load for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import SettingsError, data_dir
from bot.terminal.codes import BROKEN, NO, OK, exit_code
from engine.execution.executor import ExecutionState
from engine.plans import PlanState

_ENDS = {
    ExecutionState.PENDING: OK,
    ExecutionState.RUNNING: OK,
    ExecutionState.SUCCEEDED: OK,
    ExecutionState.CANCELLED: NO,
    ExecutionState.FAILED: BROKEN,
    ExecutionState.PARTIAL: BROKEN,
    ExecutionState.UNCERTAIN: BROKEN,
}
_PLANS = {
    PlanState.WAITING: OK,
    PlanState.APPROVED: OK,
    PlanState.EXECUTED: OK,
    PlanState.REJECTED: NO,
    PlanState.EXPIRED: NO,
    PlanState.VOID: NO,
    PlanState.WITHDRAWN: NO,
}


def test_the_command_line_loads_without_the_engine() -> None:
    """Neither the engine, nor a card, nor an SDK is loaded before a command needs it."""
    program = "import sys, bot.cli; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(told.stdout.split())
    assert "bot" in loaded
    assert loaded.isdisjoint(
        {"engine", "blocks", "agent_server", "pydantic", "asyncio", "numpy", "sqlalchemy", "httpx"}
    )


@pytest.mark.parametrize("state", ExecutionState)
def test_every_way_an_execution_ends_has_its_exit_code(state: ExecutionState) -> None:
    """The words that exit codes are told from are the engine's own states."""
    assert exit_code({"execution": {"state": state.value}}) == _ENDS[state]


@pytest.mark.parametrize("state", PlanState)
def test_every_state_of_a_plan_has_its_exit_code(state: PlanState) -> None:
    """A plan that may still happen, or did, is a yes; any other is a no."""
    assert exit_code({"kind": "plan", "state": state.value}) == _PLANS[state]


def test_a_decision_that_could_not_be_taken_is_no_no() -> None:
    """Whoever was refused may ask why; where something broke nobody refused anything."""
    assert exit_code({"decision": "refused", "code": "approval.self"}) == NO
    assert exit_code({"decision": "refused", "code": "broken"}) == BROKEN


def test_the_environment_names_the_data_directory_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, then environment, in any case of letters, as the whole settings do it."""
    config = tmp_path / "escher.toml"
    config.write_text('[data]\ndir = "/from/file"\n', encoding="utf-8")
    assert data_dir(config) == Path("/from/file")
    monkeypatch.setenv("escher_data__dir", "/from/environment")
    assert data_dir(config) == Path("/from/environment")


def test_a_data_directory_in_json_is_understood_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rarer forms of the setting are left to the whole settings."""
    config = tmp_path / "escher.toml"
    config.write_text("", encoding="utf-8")
    monkeypatch.setenv("ESCHER_DATA", '{"dir": "/from/json"}')
    assert data_dir(config) == Path("/from/json")


@pytest.mark.parametrize("text", ["[data]\ndir = 7\n", "data = 7\n", "[data\n"])
def test_a_data_directory_that_is_none_is_an_error(tmp_path: Path, text: str) -> None:
    """What is no path is refused with the key or the file named."""
    config = tmp_path / "escher.toml"
    config.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"data|cannot be read"):
        data_dir(config)


def test_settings_that_are_not_there_are_an_error(tmp_path: Path) -> None:
    """A file that was named must exist."""
    with pytest.raises(SettingsError, match="no settings file"):
        data_dir(tmp_path / "none.toml")
