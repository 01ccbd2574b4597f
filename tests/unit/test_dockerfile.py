"""The image: what the Dockerfile says is in the tree, and it says nothing that may not be in an image."""

import importlib.util
import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile as (instruction, rest), continued lines joined, comments left out."""
    text = re.sub(r"\\\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


def told(name: str) -> list[str]:
    """Return the rests of one instruction, in order."""
    return [rest for word, rest in instructions() if word == name]


def copied() -> list[str]:
    """Return every path that is copied from the repository."""
    return [path for rest in told("COPY") if not rest.startswith("--from") for path in rest.split()[:-1]]


@pytest.mark.parametrize("path", copied())
def test_what_is_copied_is_there_and_reaches_the_builder(path: str) -> None:
    """Every copied path exists, and .dockerignore, which keeps everything else away, lets it through."""
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert (ROOT / path).exists()
    assert "*" in ignored
    assert f"!{path}" in ignored


def test_the_builder_gets_nothing_that_is_not_copied() -> None:
    """Whatever .dockerignore lets through is used: no tests, no settings and no data reach the builder."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == set(copied())


def test_the_image_runs_as_a_user_without_rights() -> None:
    """The last USER is a number, as Kubernetes' runAsNonRoot wants it, and not root."""
    user = told("USER")[-1]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


def test_the_image_installs_what_is_pinned_and_no_tools() -> None:
    """Packages come by constraints.txt, without the development and try-out extras; the product brings none of its own."""
    installs = [rest for rest in told("RUN") if re.search(r"\bpip\b.* install ", rest)]
    packages, product = installs
    assert "--constraint constraints.txt" in packages
    assert ".[all]" in packages
    assert not re.search(r"\b(dev|sandbox)\b", packages)
    assert "--no-deps" in product


def test_a_change_of_the_product_leaves_the_packages_where_they_are() -> None:
    """Only the two files that say which packages there are go in before these are installed, and empty folders stand for the rest."""
    rests = instructions()
    first = next(place for place, (word, rest) in enumerate(rests) if word == "RUN")
    assert [rest for word, rest in rests[:first] if word == "COPY"] == ["pyproject.toml constraints.txt ./"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    made = re.search(r"mkdir ([a-z_ ]+?) &&", rests[first][1])
    assert made is not None
    assert set(made[1].split()) == set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    files = re.search(r"touch ([A-Za-z. ]+?) &&", rests[first][1])
    assert files is not None
    assert set(files[1].split()) == {project["project"]["readme"], *project["project"]["license-files"]}


def test_the_base_is_named_once_with_python_and_its_debian() -> None:
    """All stages have one base, which a build argument can replace and which does not move to another Debian by itself."""
    assert [rest.partition("=")[0] for rest in told("ARG")] == ["BASE"]
    assert re.fullmatch(r"BASE=docker\.io/library/python:3\.\d+-slim-[a-z]+", told("ARG")[0])
    assert {rest.partition(" ")[0] for rest in told("FROM")} == {"${BASE}", "packages"}


def test_every_start_of_the_image_exists() -> None:
    """Entry point and health check name things that the package has."""
    assert json.loads(told("ENTRYPOINT")[-1]) == ["escher"]
    health = json.loads(told("HEALTHCHECK")[-1].partition("CMD ")[2])
    assert health[:2] == ["python", "-m"]
    assert importlib.util.find_spec(health[2]) is not None


def test_no_secret_is_baked_in() -> None:
    """ENV and ARG name no token, key or password."""
    assert not [
        rest for rest in (*told("ENV"), *told("ARG")) if re.search(r"token|secret|password|key", rest, re.IGNORECASE)
    ]
