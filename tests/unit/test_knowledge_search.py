"""Finding things by words and by meaning: pure, bounded, the same every time."""

import threading
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from agent_server.embedding.port import Vectors
from agent_server.knowledge.meaning import Meaning
from agent_server.knowledge.question import question
from agent_server.knowledge.search import Entry, Index
from agent_server.knowledge.store import Knowledge
from agent_server.knowledge.warming import Warming
from agent_server.knowledge.words import tokens
from tests.fakes.estate import WordEmbedder
from tests.fakes.patience import PATIENCE

PRACTICES = Index(
    [
        Entry(
            key="mfa",
            title="Require MFA for people",
            keywords=("two factor",),
            text="Nobody signs in with a password alone.",
        ),
        Entry(key="tags", title="Tag every resource with its owner", text="Cost can be told apart by team."),
        Entry(key="sgs", clouds=("aws",), title="Close security groups to the world", text="SSH is open to nobody."),
        Entry(
            key="nsgs",
            clouds=("azure",),
            title="Close network security groups to the world",
            text="SSH is open to nobody.",
        ),
    ]
)


class TestWords:
    @pytest.mark.parametrize(
        ("some", "others"),
        [
            ("policies", "policy"),
            ("DescribeDBInstances", "describe db instances"),
            ("stop_instances", "stopping an instance"),
            ("encryption", "encrypt"),
            ("addresses", "address"),
            ("snapshots", "snapshot"),
            ("deleted", "deletes"),
            ("copying", "copies"),
            ("rotation", "rotates"),
            ("alias", "alias"),
            ("status", "status"),
        ],
    )
    def test_forms_of_a_word_are_one(self, some: str, others: str) -> None:
        """Plurals, endings and the vendors' ways of writing names do not keep things apart."""
        assert tokens(some) == tokens(others) != ()

    @pytest.mark.parametrize(("some", "other"), [("findings", "find"), ("settings", "set"), ("dns", "dn")])
    def test_what_only_looks_like_a_form_is_another_word(self, some: str, other: str) -> None:
        """Findings are not what one wants to find."""
        assert tokens(some) != tokens(other)

    def test_words_that_say_nothing_are_left_out(self) -> None:
        """What is asked for remains."""
        assert tokens("what is the status of my bucket?") == tokens("status bucket")


class TestQuestions:
    def test_what_people_say_becomes_what_the_texts_say(self) -> None:
        """A synonym is found beside the word that was said, and weighs less."""
        groups = question("get rid of a bucket", "aws").words
        assert groups[0]["delet"] < 1
        assert any("bucket" in group for group in groups)

    @pytest.mark.parametrize(
        "text",
        [
            "How do I stop a vm?",
            "how to stop a vm",
            "Please, can you stop a vm",
            "Is there a way to stop a vm?",
            "stop a vm on aws",
        ],
    )
    def test_the_words_around_what_is_asked_for_count_for_nothing(self, text: str) -> None:
        """A question in a forum asks for the same as an order, and the cloud's own name tells nothing on that cloud."""
        assert question(text, "aws").words == question("stop a vm", "aws").words

    def test_words_point_to_operations_of_their_cloud(self) -> None:
        """The same word points elsewhere on another cloud, and nowhere when no cloud is known."""
        assert "aws.ec2." in question("stop the vm", "aws").begins
        assert question("stop the vm", "azure").begins == {"azure.compute.virtual_machines_"}
        assert "gcp.compute.instances_" in question("stop the vm", "gcp").begins
        assert question("stop the vm").begins == frozenset()

    @pytest.mark.parametrize(
        ("text", "effect"),
        [
            ("which instances are running", "read"),
            ("show me the buckets", "read"),
            ("get rid of that volume", "write"),
            ("delete that volume", "destroy"),
            ("scale it to five", "write"),
            ("why is it so slow", "read"),
            ("How do I resize the disk?", "write"),
            ("how can I tell who stopped it", "read"),
            ("is there an easy way to get the address of a vm", "read"),
            ("how do I get notified of a failure", "write"),
            ("", "write"),
            ("can you stop it", "write"),
            ("can anyone reach it", "read"),
            ("tell me when the disk is full", "write"),
            ("nobody may delete that volume", "write"),
            ("show who may delete that volume", "read"),
        ],
    )
    def test_what_is_wanted_is_told_from_the_words(self, text: str, effect: str) -> None:
        """To look, to change, or to destroy."""
        assert question(text, "aws").effect == effect


class TestIndex:
    def test_words_find_what_shares_them(self) -> None:
        """The entry whose title says it comes first, with a score between 0 and 1."""
        first, *rest = PRACTICES.search(question("owner tag"))
        assert first.key == "tags"
        assert 0 < first.score <= 1
        assert all(hit.score <= first.score for hit in rest)

    def test_keywords_are_words_too(self) -> None:
        """What people would say for it finds it."""
        assert PRACTICES.search(question("two factor"))[0].key == "mfa"

    def test_other_clouds_are_left_out(self) -> None:
        """What holds everywhere stays."""
        found = [hit.key for hit in PRACTICES.search(question("close ssh to the world for people"), clouds=["azure"])]
        assert found[0] == "nsgs"
        assert "sgs" not in found
        assert "mfa" in found

    def test_equals_keep_their_order_and_the_limit_holds(self) -> None:
        """The same question has the same answer every time."""
        once = PRACTICES.search(question("ssh world"), limit=2)
        assert [hit.key for hit in once] == ["sgs", "nsgs"]
        assert PRACTICES.search(question("ssh world"), limit=2) == once
        assert len(PRACTICES.search(question("ssh world"), limit=1)) == 1

    @pytest.mark.parametrize("text", ["", "of the", "zzz", "?!", "🙂"])
    def test_nothing_in_common_finds_nothing(self, text: str) -> None:
        """Not the least bad, and no failure."""
        assert PRACTICES.search(question(text)) == []

    def test_an_empty_index_finds_nothing(self) -> None:
        """Before there is anything to know, questions are answered with nothing."""
        assert Index([]).search(question("anything", vector=np.ones(384, dtype=np.float32))) == []

    def test_without_vectors_words_decide_also_when_the_question_has_one(self) -> None:
        """A text that is new since the vectors were made is found by its words."""
        asked = question("owner tag", vector=WordEmbedder().embed(["owner tag"])[0])
        assert PRACTICES.search(asked) == PRACTICES.search(question("owner tag"))


class TestKnowledge:
    def test_commands_are_found_on_their_cloud_only(self) -> None:
        """Ranked, with scores from 0 to 1, at most as many as were asked for."""
        found = Knowledge().commands("stop a vm", "gcp", limit=3)
        assert found[0].item.id == "gcp.compute.instances_stop"
        assert len(found) == 3
        assert all(one.item.cloud == "gcp" and 0 < one.score <= 1 for one in found)
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)

    def test_who_says_an_operations_very_name_gets_it(self) -> None:
        """Before its neighbours that share the words and have more to say."""
        assert Knowledge().commands("delete a bucket", "aws")[0].item.id == "aws.s3.delete_bucket"

    def test_playbooks_are_found_on_the_clouds_that_are_asked_for(self) -> None:
        """None of another cloud is offered, and what is found can be followed."""
        for one in Knowledge().playbooks("stop idle machines", ["aws"], limit=20):
            assert "aws" in one.item.clouds
            assert 0 < one.score <= 1

    def test_practices_are_found_on_the_clouds_that_are_asked_for(self) -> None:
        """Those that hold everywhere are found too."""
        found = Knowledge().practices("encrypt s3 buckets", ["aws"])
        assert any("ncrypt" in one.item.title for one in found)
        assert all("aws" in one.item.clouds for one in found)

    def test_a_question_that_says_nothing_finds_nothing(self) -> None:
        """Neither a command nor a playbook."""
        knowledge = Knowledge()
        assert knowledge.commands("?", "aws") == []
        assert knowledge.playbooks("") == []


class Slow:
    """A model that takes as long as it is told, or cannot be loaded."""

    def __init__(self, error: Exception | None = None) -> None:
        self.may = threading.Event()
        self.error = error
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        assert self.may.wait(PATIENCE)
        if self.error:
            raise self.error
        self.texts += texts
        return WordEmbedder().embed(texts)


class TestMeaning:
    def test_nothing_waits_for_the_model(self) -> None:
        """While it is being loaded there is no meaning; afterwards there is, and the same text is embedded once."""
        slow = Slow()
        meaning = Meaning(slow, tell=pytest.fail)
        warming = Warming(Knowledge(meaning), grace=0)
        assert meaning.of("early") is None
        warming.begin()
        assert meaning.of("early") is None
        slow.may.set()
        assert warming.join(PATIENCE)
        vector = meaning.of("stop it")
        assert vector is not None
        assert vector.shape == (384,)
        meaning.of("stop it")
        assert slow.texts.count("stop it") == 1
        assert meaning.of("  ") is None

    def test_a_model_that_cannot_be_loaded_is_said_once(self) -> None:
        """Questions are then answered by words alone."""
        said: list[str] = []
        slow = Slow(OSError("no weights"))
        slow.may.set()
        meaning = Meaning(slow, tell=said.append)
        meaning.load()
        assert meaning.of("stop it") is None
        assert said == ["searching by words alone: the embedding model cannot be loaded (no weights)"]
        assert Knowledge(meaning).commands("stop a vm", "gcp")[0].item.id == "gcp.compute.instances_stop"


class Parts:
    """Something with three parts, of which each takes until it is told to go on."""

    def __init__(self) -> None:
        self.loaded: list[int] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def steps_to_warm(self) -> Iterator[None]:
        for part in range(3):
            self.begun.set()
            assert self.go_on.wait(PATIENCE)
            self.loaded.append(part)
            yield


class TestWarming:
    def test_it_begins_no_part_after_its_end(self) -> None:
        """A server that is told to end does not wait for more than the part that is being loaded."""
        parts = Parts()
        warming = Warming(parts, grace=0)
        warming.begin()
        assert parts.begun.wait(PATIENCE)
        warming.end()
        parts.go_on.set()
        assert warming.join(PATIENCE)
        assert parts.loaded == [0]

    def test_it_does_not_begin_when_the_server_ends_at_once(self) -> None:
        """One question, asked of a server that was started for it, costs no loading."""
        parts = Parts()
        warming = Warming(parts, grace=600)
        warming.begin()
        warming.end()
        assert warming.join(PATIENCE)
        assert parts.loaded == []
