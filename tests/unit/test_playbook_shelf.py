"""The shelf and its rules: versions never change, states follow the table, people may do what the policy says, and the trail knows."""

from datetime import UTC, datetime

import httpx
import pytest

from agent_server.contract.playbook import Language, PlaybookStatus, ScriptLink, StorageStrategy
from engine.approval.policy import PolicyError, parse
from engine.audit.events import Tag
from engine.audit.log import AuditLog
from engine.playbooks import importing, rules, scripts
from engine.playbooks.shelf import Shelf, after
from engine.principal import Principal
from engine.refusal import Refusal
from engine.storage.database import Database
from engine.storage.master import FileKey
from engine.storage.record import open_record
from tests.fakes.playbooks import STOP, playbook, step

S = PlaybookStatus
NOW = datetime(2031, 3, 1, tzinfo=UTC)
ADA, BOB, EVE = (Principal(id=f"local:{name}") for name in ("ada", "bob", "eve"))
BOOK = playbook(step(STOP))
POLICY = {
    "version": 1,
    "roles": {"dev": {"members": ["local:ada"]}, "lead": {"members": ["local:bob"]}, "qa": {"members": ["local:eve"]}},
    "rule": [
        {
            "id": "w",
            "effect": "allow",
            "match": {"effect": ["write"]},
            "request": ["dev"],
            "approve": {"roles": ["dev"]},
        },
        {
            "id": "d",
            "effect": "allow",
            "match": {"effect": ["destroy"]},
            "request": ["dev"],
            "approve": {"roles": ["lead"]},
        },
    ],
}
BY_DEFAULT = parse(POLICY, source="test")
NAMED = parse(POLICY | {"playbooks": {"reviewers": ["qa"]}}, source="test")


@pytest.fixture
def record(tmp_path):
    """A record."""
    key = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    key.create()
    made = open_record(Database.in_directory(tmp_path / "data"), key, lambda: NOW)
    yield made
    made.close()


@pytest.fixture
def audit(record):
    """Its trail."""
    return AuditLog(record.database, record.keys, lambda: NOW)


@pytest.fixture
def shelf(record, audit):
    """An empty shelf."""
    return Shelf(record.playbooks, record.playbook_runs, audit, record.database)


def test_every_change_of_state_is_in_the_trail_with_who_did_it(shelf, audit):
    """Kept, made ready, archived: three entries, each with the playbook, its version and both states."""
    kept = shelf.add(BOOK, ADA, note="first")
    ready = shelf.move(kept, ADA, S.READY)
    shelf.move(ready, BOB, S.ARCHIVED, note="old")
    told = [one.event for one in audit.events() if one.event.tag is Tag.PLAYBOOK_CHANGED]
    assert [(one.principal, one.detail["before"], one.detail["after"]) for one in told] == [
        ("local:ada", "", "draft"),
        ("local:ada", "draft", "ready"),
        ("local:bob", "ready", "archived"),
    ]
    assert all((one.detail["playbook"], one.detail["version"]) == ("nightly-stop", "1.0.0") for one in told)


def test_a_version_is_never_replaced_and_the_next_has_a_number(shelf):
    """The same number is refused with the one to take."""
    shelf.add(BOOK, ADA)
    again = shelf.add(playbook(step(STOP), summary="Another text."), BOB)
    assert isinstance(again, Refusal)
    assert "1.0.1" in again.doors[0]
    assert shelf.get("nightly-stop", "1.0.0").playbook == BOOK
    assert after(["1.0.0", "1.2.9", "1.2.10"]) == "1.2.11"


def test_the_newest_in_use_is_meant_when_no_version_is_named(shelf):
    """Higher by number, not by time; an archived one only when there is no other."""
    for version in ("1.0.0", "1.10.0", "1.9.0"):
        shelf.add(playbook(step(STOP), version=version), ADA)
    assert shelf.newest("nightly-stop").playbook.version == "1.10.0"
    shelf.move(shelf.get("nightly-stop", "1.10.0"), ADA, S.ARCHIVED)
    assert shelf.newest("nightly-stop").playbook.version == "1.9.0"
    assert shelf.newest("other") is None


def test_what_is_run_without_a_version_is_not_somebodys_newer_draft(shelf):
    """A draft under the same id waits for its review; where there is nothing but drafts, the newest is meant."""
    shelf.add(playbook(step(STOP), version="1.0.0"), ADA, state=S.ACTIVE)
    shelf.add(playbook(step(STOP), version="1.0.1"), EVE)
    assert shelf.newest("nightly-stop").playbook.version == "1.0.1"
    assert shelf.newest("nightly-stop", to_run=True).playbook.version == "1.0.0"
    shelf.move(shelf.get("nightly-stop", "1.0.0"), ADA, S.ARCHIVED)
    assert shelf.newest("nightly-stop", to_run=True).playbook.version == "1.0.1"


def test_of_two_who_change_the_same_state_one_is_told(shelf):
    """The second saw a state that is no longer there."""
    kept = shelf.add(BOOK, ADA)
    assert not isinstance(shelf.move(kept, ADA, S.READY), Refusal)
    assert isinstance(shelf.move(kept, BOB, S.ARCHIVED), Refusal)
    assert shelf.newest("nightly-stop").state is S.READY


def test_a_library_playbook_has_no_author_here(shelf):
    """Whoever ran it first did not write it."""
    kept = shelf.add(BOOK, ADA, strategy=StorageStrategy.USING_DEFAULT, state=S.ACTIVE)
    assert (kept.author, kept.uploaded) == ("", False)


@pytest.mark.parametrize(
    ("policy", "who", "allowed"),
    [(BY_DEFAULT, BOB, True), (BY_DEFAULT, EVE, False), (NAMED, EVE, True), (NAMED, BOB, False)],
)
def test_reviewers_are_named_or_those_who_approve_deletions(policy, who, allowed):
    """`[playbooks] reviewers` says who; without it, who is trusted with deletions."""
    assert rules.is_reviewer(who, policy) is allowed
    assert (rules.may_review(who, ADA.id, policy) is None) is allowed
    assert (rules.may_trust(who, policy) is None) is allowed


def test_a_reviewer_that_no_role_has_is_an_error_of_the_policy():
    """A misspelled role would leave nobody to review."""
    with pytest.raises(PolicyError, match="nobody"):
        parse(POLICY | {"playbooks": {"reviewers": ["nobody"]}}, source="test")


def test_nobody_reviews_a_playbook_of_their_own_or_of_nobody_known():
    """Two persons, and both are known."""
    own = rules.may_review(BOB, BOB.id, BY_DEFAULT)
    assert own is not None
    assert own.code == "playbook.self"
    unknown = rules.may_review(BOB, "", BY_DEFAULT)
    assert unknown is not None
    assert unknown.code == "playbook.author"


@pytest.mark.parametrize(
    ("who", "before", "to", "code"),
    [
        (ADA, S.DRAFT, S.READY, None),
        (ADA, S.READY, S.ARCHIVED, None),
        (BOB, S.READY, S.ACTIVE, None),
        (ADA, S.READY, S.ACTIVE, "playbook.reviewer"),
        (ADA, S.PENDING_REVIEW, S.APPROVED, "playbook.state"),
        (BOB, S.PENDING_REVIEW, S.ACTIVE, "playbook.state"),
        (ADA, S.REJECTED, S.ACTIVE, "playbook.state"),
        (ADA, S.READY, S.PENDING_REVIEW, "playbook.upload"),
        (EVE, S.DRAFT, S.READY, "playbook.role"),
    ],
)
def test_states_are_changed_by_author_and_reviewer_along_the_table(who, before, to, code):
    """No way around a review: not by its author, not by a reviewer, not from a rejection."""
    refused = rules.may_move(who, ADA.id, BY_DEFAULT, before, to)
    assert (refused.code if refused else None) == code


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ('risk = "none"', "risk"),
        ("steps = []", "steps"),
        ("colour = 1", "colour"),
        (
            "[[steps]]\noperation = 'aws.ec2.stop_instances'\ndescription = 'x'\nparams = {a = '{{b}}'}",
            "steps.0.params",
        ),
        ("[[steps]]\noperation = 'rm'\ndescription = 'x'", "steps.0.operation"),
        (
            "[[parameters]]\nname = 'size'\nkind = 'string'\ndescription = 'x'\npattern = '(?!a)b'\n[[steps]]\noperation = 'aws.ec2.stop_instances'\ndescription = 'x'",
            "parameters.0.pattern",
        ),
        (
            "[[parameters]]\nname = 'size'\nkind = 'string'\ndescription = 'x'\npattern = '('\n[[steps]]\noperation = 'aws.ec2.stop_instances'\ndescription = 'x'",
            "parameters.0.pattern",
        ),
        ("= 3", "not TOML"),
    ],
)
def test_what_is_wrong_with_a_file_is_named_by_its_field(change, place):
    """The first thing that is wrong, where it stands."""
    usual = ['id = "tidy-up"', 'version = "1.0.0"', 'name = "Tidy up"', 'clouds = ["aws"]', 'category = "cost"', 'action = "stop"',
             'resource_types = ["ec2::instance"]', 'summary = "s"', 'explain = ["e"]', 'risk = "low"', 'rollback = "r"']  # fmt: skip
    lines = [one for one in usual if not change.startswith(one.split(" =")[0] + " =")]
    said = importing.read("\n".join([*lines, change]))
    assert isinstance(said, Refusal)
    assert place in said.message


def link(url, text=b"echo hello\n", sha256=None):
    """Where a script lies, and a store that gives it."""
    import hashlib  # noqa: PLC0415 - only here

    digest = sha256 or hashlib.sha256(text).hexdigest()
    store = httpx.MockTransport(lambda _request: httpx.Response(200, stream=httpx.ByteStream(text)))
    return ScriptLink(language=Language.BASH, url=url, sha256=digest, expires_at=NOW), store


@pytest.mark.parametrize("url", ["https://bucket.example/x?sig=1", "http://127.0.0.1:9/x", "http://localhost:9/x"])
async def test_a_script_with_the_promised_digest_is_taken(url):
    """From https, or from this machine where the registry is, too."""
    found, store = link(url)
    assert await scripts.fetch(found, local=True, transport=store) == "echo hello\n"


@pytest.mark.parametrize(
    ("url", "more", "why"),
    [
        ("http://bucket.example/x", {}, "not https"),
        ("file:///etc/passwd", {}, "not https"),
        ("http://169.254.169.254/latest", {}, "not https"),
        ("http://127.0.0.1:9/x", {}, "on this machine"),
        ("https://localhost:9/x", {}, "on this machine"),
        ("http://[::1]:9/x", {}, "on this machine"),
        ("http://0.0.0.0:9/x", {}, "on this machine"),
        ("https://a.localhost./x", {}, "on this machine"),
        ("http://[::ffff:127.0.0.1]:9/x", {}, "on this machine"),
        ("https://user:pw@bucket.example/x", {}, "carries a login"),
        ("https://bucket.example/x", {"sha256": "0" * 64}, "SHA-256"),
        ("https://bucket.example/x", {"text": b"x" * 300_000}, "larger"),
        ("https://bucket.example/x", {"text": b"x" * 70_000}, "longer"),
        ("https://bucket.example/x", {"text": b"\xff\xfe"}, "no text"),
    ],
)
async def test_any_other_script_is_not_taken(url, more, why):
    """Another place, another text, too much of it, or no text at all."""
    found, store = link(url, **more)
    said = await scripts.fetch(found, transport=store)
    assert isinstance(said, Refusal)
    assert why in said.message


async def test_a_store_that_drips_or_packs_a_script_is_given_up(monkeypatch):
    """The time is for all of it; what is packed is not unpacked, so that little cannot become much."""
    import asyncio  # noqa: PLC0415 - only here
    import gzip  # noqa: PLC0415 - likewise

    monkeypatch.setattr(scripts, "_SECONDS", 0.05)

    async def drops():
        for letter in b"echo hello\n" * 100:
            yield bytes([letter])
            await asyncio.sleep(0.01)

    found, _ = link("https://bucket.example/x")
    said = await scripts.fetch(found, transport=httpx.MockTransport(lambda _: httpx.Response(200, content=drops())))
    assert "could not be reached" in said.message
    asked = []

    def packed(request):
        asked.append(request.headers["accept-encoding"])
        data = httpx.ByteStream(gzip.compress(b"echo hello\n"))
        return httpx.Response(200, stream=data, headers={"content-encoding": "gzip"})

    assert "SHA-256" in (await scripts.fetch(found, transport=httpx.MockTransport(packed))).message
    assert asked == ["identity"]
