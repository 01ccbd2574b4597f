"""The model itself, on this machine and without a network."""

from pathlib import Path

import numpy as np
import pytest

from engine.estate import embedding
from engine.estate.embedding import MiniLm, WrongWeights


def test_meanings_are_close_where_people_would_say_so(tmp_path: Path) -> None:
    """A database is nearer to "postgres database" than a web server is, in whatever order the texts come."""
    model = MiniLm(tmp_path / "model")
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


def test_a_second_process_may_join_the_same_folder(tmp_path: Path) -> None:
    """The links are replaced in one step; files of a moved installation are mended."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.onnx").symlink_to(tmp_path / "gone.onnx")
    assert MiniLm(folder).embed(["one"]).shape == (1, 384)
    assert MiniLm(folder).embed(["two"]).shape == (1, 384)
    assert {path.name for path in folder.iterdir()} == {
        "config.json",
        "model.onnx",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
    }


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that was swapped is not loaded."""
    monkeypatch.setattr(embedding, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(WrongWeights):
        MiniLm(tmp_path / "model").embed(["one"])
