"""The shipped command reference and its vectors are those of the installed SDKs and of the model."""

import re
from collections import Counter

import numpy as np
import pytest

from agent_server.contract.plan import PlanRequest
from agent_server.embedding.minilm import MiniLm
from agent_server.knowledge import store
from agent_server.knowledge.commands import Command, reference, written
from agent_server.knowledge.effects import effect_of, effect_of_id
from agent_server.knowledge.generate.__main__ import DATA, commands
from agent_server.knowledge.generate.sentences import first_sentence
from agent_server.knowledge.vectors import Shelf, packed, vectors_of
from engine.clouds.catalog import catalog

CLOUDS = ("aws", "azure", "gcp")
EVERY = [command for cloud in CLOUDS for command in reference(cloud)]
BY_ID = {command.id: command for command in EVERY}


def test_the_shipped_table_is_what_the_installed_sdks_give() -> None:
    """Nothing was added by hand, and an SDK that was renewed asks for the table to be made anew."""
    assert (DATA / "commands.tsv.gz").read_bytes() == written(commands()), (
        "run python -m agent_server.knowledge.generate"
    )


def test_every_operation_is_there_once() -> None:
    """All of AWS, the installed packages of Azure, and Compute Engine; by ids that a plan may hold."""
    counted = Counter(command.cloud for command in EVERY)
    assert counted["aws"] > 19_000
    assert counted["azure"] > 300
    assert counted["gcp"] > 900
    assert len(BY_ID) == len(EVERY)
    form = next(one.pattern for one in _operation_metadata() if hasattr(one, "pattern"))
    assert all(re.fullmatch(form, command.id) for command in EVERY)


def _operation_metadata() -> list[object]:
    annotation = PlanRequest.model_fields["capabilities"].annotation
    field = annotation.__args__[0].__metadata__[0]
    return list(field.metadata)


def test_what_the_runner_can_do_is_in_it_with_the_same_effect() -> None:
    """The runner's catalogue knows better what is destroyed; where it says "destroys", the verb said no less than "changes"."""
    for operation in catalog().operations.values():
        command = BY_ID[operation.id]
        assert command.effect == operation.effect.value or command.effect != "read"


@pytest.mark.parametrize(
    ("operation", "cli"),
    [
        ("aws.ec2.stop_instances", "aws ec2 stop-instances"),
        ("aws.s3.put_bucket_encryption", "aws s3api put-bucket-encryption"),
        (
            "aws.compute_optimizer.get_ec2_instance_recommendations",
            "aws compute-optimizer get-ec2-instance-recommendations",
        ),
        ("azure.compute.virtual_machines_deallocate", "az vm deallocate"),
        ("azure.compute.virtual_machines_power_off", "az vm stop"),
        ("azure.compute.disks_grant_access", "az disk grant-access"),
        ("azure.compute.log_analytics_export_throttled_requests", ""),
        ("azure.resourcegraph.resources", "az graph query"),
        ("gcp.compute.instances_stop", "gcloud compute instances stop"),
        ("gcp.compute.firewalls_insert", "gcloud compute firewall-rules create"),
        ("gcp.compute.global_vm_extension_policies_insert", ""),
    ],
)
def test_the_command_line_is_said_where_a_rule_gives_it(operation: str, cli: str) -> None:
    """As the vendor's own tool says it; nothing where no rule is sure."""
    assert BY_ID[operation].cli == cli


def test_a_command_says_what_it_needs_and_does() -> None:
    """From the SDK's own description, without markup."""
    assert BY_ID["aws.ec2.stop_instances"] == Command(
        id="aws.ec2.stop_instances",
        service="EC2",
        summary="Stops an Amazon EBS-backed instance.",
        cli="aws ec2 stop-instances",
        required=("InstanceIds",),
        effect="write",
    )
    assert BY_ID["azure.compute.virtual_machines_deallocate"].required == ("resource_group_name", "vm_name")
    assert BY_ID["gcp.compute.instances_stop"].required == ("project", "zone", "instance")
    assert not any("<" in command.summary and ">" in command.summary for command in EVERY if command.cloud != "aws")
    assert all(len(command.summary) <= 240 and "\t" not in command.summary for command in EVERY)


@pytest.mark.parametrize(
    ("method", "effect"),
    [
        ("describe_instances", "read"),
        ("list_all", "read"),
        ("batch_get_item", "read"),
        ("terminate_instances", "destroy"),
        ("delete", "destroy"),
        ("purge_queue", "destroy"),
        ("stop_instances", "write"),
        ("getaway", "write"),
    ],
)
def test_the_verb_tells_the_effect(method: str, effect: str) -> None:
    """A whole verb only, and change when it tells nothing."""
    assert effect_of(method) == effect


@pytest.mark.parametrize(
    ("operation", "effect"),
    [
        ("azure.sql.databases_list_by_server", "read"),
        ("azure.compute.virtual_machine_scale_sets_delete_instances", "destroy"),
        ("azure.compute.virtual_machines_deallocate", "write"),
        ("gcp.compute.instances_aggregated_list", "read"),
        ("gcp.compute.instances_delete", "destroy"),
        ("aws.ec2.stop_instances", "write"),
    ],
)
def test_the_verb_is_found_behind_the_noun(operation: str, effect: str) -> None:
    """Azure's and Google's ids begin with what is acted on."""
    assert effect_of_id(operation) == effect


@pytest.mark.parametrize(
    ("documentation", "sentence"),
    [
        ("<p>Stops <code>it</code>, e.g. now. Then more.</p>", "Stops it, e.g. now."),
        ("<note><p>Old.</p></note><p>Tags it &amp; more</p>", "Tags it & more"),
        ("Lists ``things``. See :class:`~a.b.Thing`.\n\n:param x: y", "Lists things."),
        ("", ""),
    ],
)
def test_the_first_sentence_is_plain_text(documentation: str, sentence: str) -> None:
    """No markup, no notes, no further sentence."""
    assert first_sentence(documentation) == sentence


def test_commands_have_their_vectors() -> None:
    """All of them."""
    texts = [command.text for command in EVERY]
    assert vectors_of(texts, Shelf.COMMANDS).any(axis=1).all(), "run python -m agent_server.knowledge.generate"


def test_what_people_wrote_has_its_vectors_but_for_the_newest() -> None:
    """A new text is found by its words until it is embedded; that shall not become many."""
    texts = store.texts()
    without = len(texts) - int(vectors_of(texts, Shelf.TEXTS).any(axis=1).sum())
    assert without <= len(texts) * 0.2, "run python -m agent_server.knowledge.generate"


def test_shipped_vectors_are_the_models_own() -> None:
    """A sample of them points where the model points today; one byte a number loses next to nothing."""
    texts = [command.text for command in EVERY[:: len(EVERY) // 24]]
    shipped, made = vectors_of(texts, Shelf.COMMANDS), MiniLm().embed(texts)
    assert np.allclose(np.linalg.norm(shipped, axis=1), 1, atol=0.02)
    assert (np.sum(shipped * made, axis=1) > 0.97).all()


def test_packing_keeps_what_a_vector_says() -> None:
    """Scale and whole numbers together are within one step of the largest number."""
    vectors = np.random.default_rng(7).normal(size=(5, 384)).astype(np.float32)
    records = packed([f"text {n}" for n in range(5)], vectors)
    again = records["row"].astype(np.float32) * records["scale"][:, None]
    assert np.abs(again - vectors).max() <= np.abs(vectors).max() / 127
    assert len(packed([], vectors[:0])) == 0


def test_a_text_nobody_embedded_has_no_vector() -> None:
    """A row of zeros says so."""
    assert not vectors_of(["a text that is in no reference"], Shelf.COMMANDS).any()
    assert vectors_of([], Shelf.COMMANDS).shape == (0, 384)
