"""Questions for help: answered from what the server knows with the source, or said to be not known."""

import pytest

from agent_server.agents.helping.help import helped
from agent_server.contract.intent import Action, Intent, IntentKind, IntentRequest
from agent_server.embedding.minilm import MiniLm
from agent_server.knowledge.meaning import Meaning
from agent_server.knowledge.store import Knowledge
from agent_server.models.deterministic import Deterministic

MODEL = Deterministic()


async def said(text):
    """Return what the offline model understands and answers."""
    return await MODEL.understand(IntentRequest(request_id="t-1", text=text))


@pytest.mark.parametrize(
    ("text", "words", "where"),
    [
        ("what is a security group called in Azure", "On Azure it is called Network Security Group (NSG)", "Equivalents: firewall around machines"),
        ("azure equivalent of s3", "On Azure it is called Blob container in a Storage Account", "Equivalents: object storage bucket"),
        ("whats the gcp name for an rds instance", "On Google Cloud it is called Cloud SQL", "Equivalents: managed relational database"),
        ("what is kms called in gcp", "On Google Cloud it is called Cloud KMS key", "Equivalents: encryption keys"),
        ("what's the azure version of cloudwatch", "Azure Monitor", "Equivalents: metrics"),
        ("what's the difference between an nsg and a security group", "a security group only allows", "Equivalents: firewall around machines"),
        ("difference between cloud run and cloud functions", "Lambda runs at most 15 minutes", "Equivalents: containers without servers"),
        ("difference between stop and deallocate", "stopped still reserves and bills the hardware", "learn.microsoft.com"),
        ("what's an nsg?", "firewall around machines", "Equivalents"),
        ("what's a transit gateway good for", "network hub", "Equivalents"),
        ("what permissions do you need to stop RDS", "rds:StopDBInstance", "catalogue of operations"),
        ("what permissions do you need to stop azure vms", "Microsoft.Compute/virtualMachines/deallocate/action", "catalogue of operations"),
        ("which command lists NAT gateways on aws", "`aws ec2 describe-nat-gateways`", "Command reference"),
        ("which command stops a vm on azure", "azure.compute.virtual_machines_power_off", "Command reference"),
        ("which api call deletes a bucket on aws", "On AWS that is aws.s3.delete_bucket, on the command line `aws s3api delete-bucket`", "Command reference"),
        ("which operation describes security groups on aws", "aws.ec2.describe_security_groups", "Command reference"),
        ("what gcloud command do i use to delete a disk", "On Google Cloud that is gcp.compute.disks_delete", "Command reference"),
        ("best practice for s3 encryption", "SSE-KMS with a customer managed key", "docs.aws.amazon.com"),
        ("how do i enable versioning on s3", "enable versioning on bucket my-data", "docs.aws.amazon.com"),
        ("how do i rotate an access key", "rotate it within 90 days", "docs.aws.amazon.com"),
        ("how do I make a bucket private", "make bucket NAME private", "docs.aws.amazon.com"),
        ("how do i stop an ec2 instance", "stop ec2 instance NAME", "catalogue of operations"),
    ],
)  # fmt: skip
async def test_what_is_known_is_answered_with_its_source(text, words, where):
    """The intent is help, the answer says it, a source is named."""
    read = await said(text)
    assert read.intent == "help"
    assert words in read.answer
    assert any(where in one for one in read.sources), read.sources


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("what can you do", "AWS, Azure and GCP"),
        ("how do approvals work", "plan with a digest"),
        ("what happens if i approve a plan twice", "never run again"),
        ("can escher roll back a failed change", "undo"),
        ("does escher store my credentials", "stay with the runner"),
        ("how do i phrase a filter by tag", "key=value"),
        ("can i use you from teams", "Microsoft Teams"),
        ("what does dangerous mean on your cards", "0 to 100"),
        ("do you support oracle cloud", "no other cloud"),
        ("what's the command to list idle disks", "“list idle disks”"),
    ],
)
async def test_questions_about_escher_itself_are_answered_by_its_own_words(text, words):
    """They need no source: Escher is the source."""
    read = await said(text)
    assert read.intent == "help"
    assert words in read.answer


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("can you drain a kubernetes node", "I cannot drain or cordon Kubernetes nodes yet. I see the machines"),
        ("can you change dns records", "I cannot change DNS records yet"),
        (
            "scale my kubernetes deployment web to 5",
            "neither see nor scale deployments yet. I see the clusters themselves",
        ),
        ("drain node worker-1", "I cannot drain or cordon"),
        ("how do i delete a lambda", "I cannot delete lambda functions yet"),
        ("can escher restore deleted buckets", "I cannot restore buckets yet. What I do with buckets: "),
    ],
)
async def test_what_is_recognised_but_not_done_yet_is_said_exactly_with_the_nearest_thing(text, words):
    """Asked about or ordered."""
    assert words in (await said(text)).answer


@pytest.mark.parametrize(
    "text", ["what does cordon mean", "explain what a flux capacitor is", "how do i knit a sweater for a penguin"]
)
async def test_what_is_not_known_is_said_to_be_not_known_with_what_can_be_asked(text):
    """No guess, no source, and doors."""
    read = await said(text)
    if read.intent == "help":
        assert "I do not know that, and I will not guess" in read.answer
        assert read.sources == []
    assert read.intent in {"help", "unsupported", "query"}


async def test_an_answer_never_stands_in_the_way_of_a_question_about_the_estate():
    """Only help, small talk, and kinds that Escher cannot touch are answered at once."""
    for text in (
        "list buckets",
        "list dns records",
        "stop web-1",
        "describe the nat gateway nat-1",
        "which nat gateways are idle",
    ):
        assert (await said(text)).answer == ""


def test_what_words_do_not_settle_is_answered_by_meaning_and_said_to_be_only_near():
    """Once the embedding model is there; what nothing is near to stays not known."""
    meaning = Meaning(MiniLm(), pytest.fail)
    meaning.load()
    knows = Knowledge(meaning)
    asked = Intent(intent=IntentKind.HELP, action=Action.HELP)
    near = helped("make sure nobody reads my files", asked, knows)
    assert near.text.startswith("The nearest that I know: disallow anonymous access")
    assert "learn.microsoft.com" in near.sources[0]
    for text in ("explain what a flux capacitor is", "knit a sweater for a penguin", "what does cordon mean"):
        assert not helped(text, asked, knows).known
    assert not helped("make sure nobody reads my files", asked, Knowledge()).known
