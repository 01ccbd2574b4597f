"""What every component looks like on every surface, reviewed as a diff (`pytest tests/golden --update-golden`)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from slack_sdk.models.blocks import Block

from blocks import adaptive, components, slack, text
from blocks.components import Component
from blocks.layout import LAYOUTS
from tests.fakes.slack.blocks import check_blocks
from tests.golden.card_samples import SAMPLES

FOLDER = Path(__file__).parent / "blocks"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


RENDERERS: dict[str, tuple[str, Callable[[Component], str]]] = {
    "component": ("json", lambda sample: _json(sample.model_dump(mode="json", exclude_defaults=False))),
    "slack": ("json", lambda sample: _json({"text": slack.fallback(sample), "blocks": slack.render(sample)})),
    "slack_details": ("json", lambda sample: _json(slack.details(sample, revision=1))),
    "adaptive": ("json", lambda sample: _json(adaptive.render(sample))),
    "adaptive_teams": ("json", lambda sample: _json(adaptive.render(sample, mentions=True))),
    "text": ("txt", lambda sample: text.render(sample, detailed=True) + "\n"),
}
ONLY = {
    "slack_details": ("execution_plan",),
    "adaptive_teams": ("execution_plan", "resource_table", "morning_report", "credential_status"),
}
CASES = [(renderer, name) for renderer in RENDERERS for name in SAMPLES if name.startswith(ONLY.get(renderer, ""))]


@pytest.mark.parametrize(("renderer", "name"), CASES)
def test_a_component_looks_as_it_was_reviewed(renderer: str, name: str, update_golden: bool) -> None:
    """The rendered form equals its golden file."""
    suffix, render = RENDERERS[renderer]
    path = FOLDER / renderer / f"{name}.{suffix}"
    now = render(SAMPLES[name])
    if update_golden:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(now, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == now


def test_no_golden_file_is_left_behind() -> None:
    """Every golden file belongs to a sample that still exists."""
    expected = {FOLDER / renderer / f"{name}.{RENDERERS[renderer][0]}" for renderer, name in CASES}
    assert {path for path in FOLDER.rglob("*") if path.is_file()} == expected


def test_every_kind_has_a_layout_and_a_sample() -> None:
    """No component can be built that no surface knows how to show, and none goes unseen here."""
    union, _ = get_args(Component)
    declared = {model.model_fields["kind"].default for model in get_args(union)}
    assert declared == set(LAYOUTS) == {sample.kind for sample in SAMPLES.values()}


@pytest.mark.parametrize("name", SAMPLES)
def test_slack_accepts_the_blocks(name: str) -> None:
    """The blocks keep the documented shapes, and Slack's own models read them without losing a field."""
    for blocks in (slack.render(SAMPLES[name]), slack.details(SAMPLES[name])):
        if not blocks:
            continue
        check_blocks(blocks)
        for block in blocks:
            parsed = Block.parse(block)
            assert parsed is not None
            assert set(parsed.to_dict()) == set(block)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_component_survives_the_wire(name: str) -> None:
    """A component read back from its JSON is the same component."""
    sample = SAMPLES[name]
    assert components.parse(json.loads(sample.model_dump_json())) == sample


@pytest.mark.parametrize("name", SAMPLES)
def test_ids_of_blocks_are_new_at_each_edit(name: str) -> None:
    """Two revisions of a message share no block id."""
    first, second = ({block["block_id"] for block in slack.render(SAMPLES[name], revision=n)} for n in (0, 1))
    assert first
    assert first.isdisjoint(second)
