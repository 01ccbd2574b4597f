"""An estate on a Qdrant server: what a runner says when it cannot have it."""

from pathlib import Path

import pytest

from engine.estate.server import connect
from engine.estate.vectors import StoreInUse
from engine.storage.claim import Claim
from engine.storage.database import StorageUnavailable


def test_a_server_that_does_not_answer_is_named_with_what_to_do(tmp_path: Path) -> None:
    """Which address, and which key of the settings; and the directory is free again afterwards."""
    with pytest.raises(StorageUnavailable, match=r"http://127.0.0.1:9 .*start it, or empty \[data\] qdrant_url"):
        connect("http://127.0.0.1:9", tmp_path)
    Claim(tmp_path).release()


def test_two_runners_cannot_have_one_data_directory(tmp_path: Path) -> None:
    """A server lets both in; the record in the directory has one writer."""
    first = Claim(tmp_path)
    with pytest.raises(StoreInUse, match="in use by another process"):
        connect("http://127.0.0.1:9", tmp_path)
    first.release()
