"""Where a runner's socket lies: short, this user's alone, and somewhere that can be written to."""

import stat
import tempfile
from pathlib import Path

import pytest

from bot.terminal import address


def test_the_socket_lies_in_the_folder_that_the_system_gives_its_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """XDG_RUNTIME_DIR, where it is there, is preferred to a temporary folder."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert address.folder(tmp_path / "data") == tmp_path / "escher"


def test_the_socket_lies_in_a_temporary_folder_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a runtime directory a new folder is made, which nobody else may enter."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "missing"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = address.folder(tmp_path / "data")
    assert found.parent == tmp_path
    assert stat.S_IMODE(found.stat().st_mode) == 0o700


def test_the_socket_lies_in_the_data_directory_where_nothing_else_can_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container with a read-only root; a second start finds its folder again."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    assert address.folder(tmp_path) == tmp_path / "run"
    assert address.folder(tmp_path) == tmp_path / "run"
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700
