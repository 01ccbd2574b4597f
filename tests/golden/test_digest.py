"""What was approved is what runs: the digest's golden vectors, and changed plans that are never accepted."""

import base64
import dataclasses
import hashlib
import json
import os
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.approval.approval import Ballot, Verdict
from engine.audit.log import AuditLog
from engine.clock import NeverBack
from engine.clouds.operation import ReplayClass
from engine.deciding import Counted, Deciding
from engine.estate.resource import Cloud
from engine.planning.admission import Admitted, admit
from engine.planning.plan import Plan, Step, Strategy, guard, load, seal
from engine.planning.record import DigestMismatch, Kept, Told, dump, read
from engine.plans import Plans
from engine.principal import Principal
from engine.refusal import Refusal
from engine.storage.database import Database
from engine.storage.master import FileKey
from engine.storage.record import Record, open_record
from tests.fakes.cloud_account import FakeCloudAccount
from tests.fakes.requests import ADA, CATALOG, NOW, POLICY, asked, planned, thing

GOLDEN = Path(__file__).parent / "digest"
MUTATIONS = int(os.environ.get("ESCHER_PLAN_MUTATIONS", "10000"))  # noqa: TID251 - whoever runs the tests says how many
NOT_AFTER = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def ec2(name: str, **tags: str) -> Any:
    """A running instance."""
    return thing("ec2::instance", Cloud.AWS, name, state="running", **tags)


def sealed(*steps: Step, **changes: Any) -> Plan:
    """A plan with a fixed id."""
    values: dict[str, Any] = {
        "plan_id": "p-7f3a9k2m",
        "requester": "slack:T0ACME:U0ONE",
        "origin": "slack:C1:1.2",
        "strategy": Strategy(parallel=5, canary=1, on_failure="stop"),
        "limits": {"max_targets": 50},
        "not_after": NOT_AFTER,
        "rollback": "start the same 2",
    }
    return seal(steps=steps, **(values | changes))


def step(number: int, *resources: Any, operation: str = "aws.ec2.stop_instances", **changes: Any) -> Step:
    """A step over resources."""
    values: dict[str, Any] = {
        "id": f"s{number}",
        "operation": operation,
        "replay": CATALOG.operations[operation].replay,
        "credential": "dev",
        "targets": tuple(sorted(one.id for one in resources)),
        "preconditions": {one.id: guard(one) for one in resources},
    }
    return Step(**(values | changes))


VECTORS = {
    "one_step": sealed(step(1, ec2("web-1"), ec2("web-2"))),
    "two_steps_in_order": sealed(
        step(1, ec2("web-1"), operation="aws.ec2.create_snapshots", params={"suffix": "p-7f3a9k2m"}),
        step(2, ec2("web-1"), depends_on=("s1",)),
        rollback="",
    ),
    "tags_in_many_scripts": sealed(
        step(1, ec2("café \u2028 ☕", env="dev", Ünïcode="данные\u0000\U0001f600", b="2", a="1")),
        origin="teams:19:x@thread.tacv2;1",
    ),
    "parameters": sealed(
        step(
            1,
            thing("compute::virtualmachine", Cloud.AZURE, "vm", state="running"),
            operation="azure.compute.virtual_machines_update",
            params={"tags": {"z": "1", "a": "2", "A": "3", "é": "4", "😀": "5"}, "remove": ["old"]},
        ),
        strategy=Strategy(parallel=1, canary=0, on_failure="continue"),
    ),
    "a_script": sealed(step(1, ec2("web-1"), script_sha256="a" * 64, replay=ReplayClass.ONCE)),
}


@pytest.mark.parametrize("name", sorted(VECTORS))
def test_a_plans_bytes_and_digest_are_those_of_the_golden_vector(name):
    """The same plan has the same canonical bytes, hence the same digest, in every version (RFC 8785, SHA-256)."""
    golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    made = VECTORS[name]
    assert made.canonical == base64.b64decode(golden["canonical_base64"])
    assert made.digest == golden["sha256"] == hashlib.sha256(made.canonical).hexdigest()
    assert json.loads(made.canonical) == golden["fields"]
    assert (
        json.dumps(golden["fields"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        == made.canonical
    )
    assert load(made.canonical).canonical == made.canonical


def test_the_bytes_are_sorted_and_tight():
    """Keys in code-unit order, no blanks, no escapes that are not needed: another implementation finds the same digest."""
    text = VECTORS["one_step"].canonical.decode()
    assert text.startswith(
        '{"limits":{"max_targets":50},"not_after":"2026-03-10T09:30:00+00:00","origin":"slack:C1:1.2",'
    )
    assert "é" in VECTORS["tags_in_many_scripts"].canonical.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"plan_id": "p-7f3a9k2n"},
        {"requester": "slack:T0ACME:U0TWO"},
        {"origin": "slack:C1:1.3"},
        {"strategy": Strategy(parallel=6, canary=1)},
        {"strategy": Strategy(parallel=5, canary=0)},
        {"strategy": Strategy(parallel=5, canary=1, on_failure="continue")},
        {"limits": {"max_targets": 51}},
        {"not_after": NOT_AFTER + timedelta(seconds=1)},
        {"rollback": ""},
    ],
)
def test_every_field_of_a_plan_is_in_its_digest(change):
    """Nothing that was shown can change without another digest."""
    assert sealed(step(1, ec2("web-1")), **change).digest != sealed(step(1, ec2("web-1"))).digest


@pytest.mark.parametrize(
    "change",
    [
        {"id": "s2"},
        {"operation": "aws.ec2.terminate_instances"},
        {"replay": ReplayClass.ONCE},
        {"credential": "prod"},
        {"targets": (ec2("web-2").id,)},
        {"params": {"suffix": "x"}},
        {"depends_on": ("s0",)},
        {"preconditions": {ec2("web-1").id: {**guard(ec2("web-1")), "state": "stopped"}}},
        {"script_sha256": "b" * 64},
    ],
)
def test_every_field_of_a_step_is_in_the_digest(change):
    """Likewise for what is done to what, with which credentials."""
    assert sealed(replace(step(1, ec2("web-1")), **change)).digest != sealed(step(1, ec2("web-1"))).digest


@pytest.fixture(scope="module")
def kept() -> Kept:
    """A plan as it is stored."""
    parts = (("snapshot", {}, [ec2("a"), ec2("b")]), ("stop", {}, [ec2("a"), ec2("b")]))
    reply = planned(*parts, after=((), (0,)))
    made = admit(reply.plan, asked(*parts, after=((), (0,))), CATALOG, POLICY)
    assert isinstance(made, Admitted)
    return Kept(admitted=made, told=Told(action="stop", words=("Stop", "Stopping", "Stopped"), text="stop a and b"))


def test_a_stored_plan_comes_back_whole(kept):
    """What is read is what was written, to the byte."""
    assert read(dump(kept), digest=kept.admitted.plan.digest) == kept


def test_no_changed_bytes_of_a_stored_plan_are_accepted(kept):
    """Ten thousand changes of the stored bytes, and of its fields with every hash but the digest made anew: none is accepted."""
    stored, digest = dump(kept), kept.admitted.plan.digest
    chance = random.Random(20260310)  # noqa: S311 - the same changes in every run
    tried = accepted = 0
    while tried < MUTATIONS:
        changed = _changed_bytes(stored, chance) if tried % 2 else _changed_fields(stored, chance)
        if changed == stored:
            continue
        tried += 1
        try:
            read(changed, digest=digest)
        except DigestMismatch:
            continue
        accepted += 1
    assert tried == MUTATIONS
    assert accepted == 0


def _changed_bytes(stored: bytes, chance: random.Random) -> bytes:
    raw = bytearray(stored)
    place = chance.randrange(len(raw))
    match chance.randrange(4):
        case 0:
            raw[place] ^= 1 << chance.randrange(8)
        case 1:
            del raw[place : place + chance.randint(1, 9)]
        case 2:
            raw[place:place] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 4)))
        case _:
            other = chance.randrange(len(raw))
            raw[place], raw[other] = raw[other], raw[place]
    return bytes(raw)


def _changed_fields(stored: bytes, chance: random.Random) -> bytes:
    form = json.loads(stored.partition(b"\n")[2])
    if chance.random() < 0.6:
        plan = json.loads(base64.b64decode(form["canonical"]))
        _change_one(plan, chance)
        form["canonical"] = base64.b64encode(json.dumps(plan).encode()).decode()
        body = json.dumps(form).encode()
        return hashlib.sha256(body).hexdigest().encode() + b"\n" + body
    canonical = form.pop("canonical")
    _change_one(form, chance)
    form["canonical"] = canonical
    return stored.partition(b"\n")[0] + b"\n" + json.dumps(form).encode()


def _change_one(value: Any, chance: random.Random) -> None:
    """Change one leaf somewhere inside a JSON value, in place."""
    places: list[tuple[Any, Any]] = []
    ahead = [value]
    while ahead:
        inside = ahead.pop()
        for key, one in inside.items() if isinstance(inside, dict) else enumerate(inside):
            places.append((inside, key))
            if isinstance(one, dict | list):
                ahead.append(one)
    where, key = chance.choice([one for one in places if not isinstance(one[0][one[1]], dict | list)] or places)
    old = where[key]
    where[key] = {bool: lambda: not old, int: lambda: old + 1, str: lambda: old + "x"}.get(type(old), lambda: "x")()


@pytest.fixture
def record(tmp_path) -> Any:
    """A record on disk."""
    clock = NeverBack(lambda: NOW)
    master = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    master.create()
    (tmp_path / "data").mkdir()
    opened = open_record(Database.in_directory(tmp_path / "data"), master, clock)
    yield opened
    opened.close()


def deciding(record: Record, kept: Kept) -> tuple[Deciding, Plans, AuditLog]:
    """What takes decisions about a plan, over a real record and an account where its targets are."""
    clock = NeverBack(lambda: NOW)
    account = FakeCloudAccount(Cloud.AWS, "111122223333", "aws", clock)
    account.add(*kept.admitted.before.values())
    plans = Plans(record.plans)
    audit = AuditLog(record.database, record.keys, clock)
    made = Deciding(
        plans=plans, accounts=[account], policy=lambda: POLICY, audit=audit, database=record.database, clock=clock
    )
    return made, plans, audit


async def test_a_click_about_other_bytes_decides_nothing(record, kept):
    """An approval counts for the digest on the stored plan and for no other, however close."""
    taking, plans, _ = deciding(record, kept)
    plans.keep(kept)
    plan = kept.admitted.plan
    reviewer = Principal(id="local:bob")
    ballot = Ballot(principal=reviewer, verdict=Verdict.APPROVED, digest=plan.digest, at=NOW)
    for place in range(0, 64, 4):
        letter = "0" if plan.digest[place] != "0" else "1"
        other = plan.digest[:place] + letter + plan.digest[place + 1 :]
        decided = await taking.decide(plan.plan_id, dataclasses.replace(ballot, digest=other))
        assert isinstance(decided, Refusal)
        assert decided.code == "approval.digest"
    for other in ("", plan.digest.upper(), plan.digest + " ", plan.digest[:-1]):
        assert isinstance(await taking.decide(plan.plan_id, dataclasses.replace(ballot, digest=other)), Refusal)
    assert plans.decisions(plan.plan_id) == ()
    assert isinstance(await taking.decide(plan.plan_id, ballot), Counted)


async def test_a_policy_that_forbids_it_meanwhile_stops_the_approval(record, kept):
    """A freeze or a deny that came after the card holds at the click; a rejection still counts."""
    taking, plans, _ = deciding(record, kept)
    plans.keep(kept)
    plan = kept.admitted.plan
    stricter = POLICY.model_copy(update={"rule": ()})
    taking._policy = lambda: stricter
    ballot = Ballot(principal=ADA, verdict=Verdict.APPROVED, digest=plan.digest, at=NOW)
    refused = await taking.decide(plan.plan_id, ballot)
    assert isinstance(refused, Refusal)
    assert refused.code == "policy.default_deny"
    assert isinstance(await taking.decide(plan.plan_id, dataclasses.replace(ballot, verdict=Verdict.REJECTED)), Counted)


async def test_a_plan_whose_stored_form_was_changed_is_not_decided_about(record, kept):
    """Weaker requirements written beside the same bytes are noticed."""
    taking, plans, _ = deciding(record, kept)
    plan = kept.admitted.plan
    first, _, body = dump(kept).partition(b"\n")
    weak = json.loads(body)
    weak["requirement"]["quorum"] = 0
    record.plans.insert(
        plan.plan_id,
        state="waiting",
        digest=plan.digest,
        payload=first + b"\n" + json.dumps(weak).encode(),
        requester=plan.requester,
        thread=plan.origin,
        not_after=plan.not_after,
    )
    with pytest.raises(DigestMismatch):
        await taking.decide(plan.plan_id, Ballot(principal=ADA, verdict=Verdict.APPROVED, digest=plan.digest, at=NOW))
    assert plans.decisions(plan.plan_id) == ()
