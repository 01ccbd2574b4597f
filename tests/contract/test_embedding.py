"""The model itself, on this machine and without a network."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from agent_server.embedding import minilm
from agent_server.embedding.minilm import MiniLm, WrongWeights
from agent_server.embedding.remembering import Remembering
from tests.fakes.agent_server_process import ROOT, environment
from tests.fakes.estate import WordEmbedder

_WATCH = Path(__file__).parents[1] / "fakes" / "audited_agent_server.py"


def test_meanings_are_close_where_people_would_say_so() -> None:
    """A database is nearer to "postgres database" than a web server is, in whatever order the texts come."""
    model = MiniLm()
    texts = [
        "relational database postgresql orders db prod payments team",
        "nginx web server frontend",
        "postgres database",
    ]
    vectors = model.embed(texts)
    assert vectors.shape == (3, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    database, web, query = vectors
    assert database @ query > web @ query + 0.2
    assert np.allclose(model.embed(texts[::-1])[::-1], vectors, atol=0.05)
    assert model.embed([]).shape == (0, 384)


def test_two_may_be_loaded_in_one_process_at_once() -> None:
    """The runner's and a test's, say: both work, also when they are loaded by two threads in the same moment."""
    shapes: list[tuple[int, ...]] = []
    threads = [threading.Thread(target=lambda: shapes.append(MiniLm().embed(["one"]).shape)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shapes == [(1, 384), (1, 384)]


def test_loading_and_embedding_write_nothing_and_call_nobody() -> None:
    """Under an audit hook: no file is opened for writing, nothing is linked, no socket is opened."""
    program = f"import runpy; runpy.run_path({str(_WATCH)!r}, run_name='watched'); "
    program += "from agent_server.embedding.minilm import MiniLm; print(MiniLm().embed(['stop a machine']).shape)"
    ended = subprocess.run(
        [sys.executable, "-B", "-c", program],
        env=environment({}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.strip() == "(1, 384)"
    assert "audit:" not in ended.stderr


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that was swapped is not loaded."""
    monkeypatch.setattr(minilm, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(WrongWeights):
        MiniLm().embed(["one"])


def test_a_text_is_embedded_once_until_it_is_forgotten() -> None:
    """What is remembered costs nothing; the oldest texts go first when there are too many."""
    counting = WordEmbedder()
    remembering = Remembering(counting, most=2)
    first = remembering.embed(["a b", "c d", "a b"])
    assert np.array_equal(first[0], first[2])
    assert remembering.embed(["c d"]).shape == (1, 384)
    assert counting.texts == ["a b", "c d"]
    remembering.embed(["e f"])
    remembering.embed(["a b"])
    assert counting.texts == ["a b", "c d", "e f", "a b"]
