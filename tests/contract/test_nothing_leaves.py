"""The agent server receives no secret and no identity: five hundred canaries, searched in every byte it was sent."""

import base64
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from engine.core import Parts, open_engine
from engine.estate.resource import Cloud
from engine.execution.executor import no_point
from engine.planning.planner import HttpPlanner
from engine.playbooks.server import HttpPlaybooks
from engine.principal import Principal
from engine.proposing import Request
from engine.replies import PlanView
from engine.storage.master import FileKey
from tests.fakes.canaries import (
    ACCOUNT_IDS,
    ADDRESSES,
    ARNS,
    CANARIES,
    EACH,
    GUIDS,
    KEYS,
    MAILS,
    NAMES,
    SECRETS,
    TOKENS,
    USERS,
    digest,
    forms,
    home,
)
from tests.fakes.estate import MovableClock, WordEmbedder
from tests.fakes.recording_agent_server import recording
from tests.fakes.requests import ACCOUNTS, POLICY

# One said thing of every sort a turn; the words around them are those people use.
SAYINGS = (
    "stop {name}",
    'stop "{name}" and tell {user}',
    "list instances owned by {mail}",
    "show me [{name}]({arn})",
    "who is {user} and what does {guid} mean",
    "tag {name} with owner={mail}",
    "is {address} allowed in, or {account}?",
    "my key is {key} and the secret {secret}, list all instances",
    "describe {name}, token={token}",
    "stop those",
    "restart {name}s and {name}",
    "list instances in account {account} with tag note={token}",
    "why did {arn} stop {name}? password is {secret}",
    "snapshot {name}, then stop {name}",
    "delete {guid} at https://{address}/{name}?sig={secret}",
    "is there a playbook to restart {name} of {mail}",
    "find me a runbook for {arn} on {address}, token={token}",
    "which playbooks rotate the key {key} of {user}",
)


@pytest.fixture
def engine_and_server(tmp_path):
    """A whole engine over that account, talking to a server that records."""
    clock = MovableClock()
    master = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    master.create()
    with recording() as server:
        engine = open_engine(
            Parts(
                data_dir=tmp_path / "data",
                database_url="",
                master=master,
                accounts=[home(clock)],
                planner=HttpPlanner(server.url),
                playbooks=HttpPlaybooks(server.url),
                policy=lambda: POLICY,
                embedder=WordEmbedder(),
                tag_keys=("env", "team", "tier", "data-class"),
                clock=clock,
                point=no_point,
                zone=lambda: ZoneInfo("Asia/Tokyo"),
            )
        )
        engine.sync.run(embed=False)
        yield engine, server
        engine.close()


async def test_five_hundred_canaries_and_not_one_of_them_is_sent(engine_and_server):
    """Names, ids, keys, addresses in the estate, in messages and in what a thread remembers stay on the runner."""
    engine, server = engine_and_server
    person = Principal(id="local:ada", display=MAILS[0])
    planned = 0
    for turn in range(75):
        pick = (turn * 7) % EACH
        text = SAYINGS[turn % len(SAYINGS)].format(
            name=NAMES[turn % EACH],
            mail=MAILS[pick],
            key=KEYS[turn % EACH],
            secret=SECRETS[(turn + 3) % EACH],
            token=TOKENS[pick],
            user=USERS[turn % EACH],
            account=ACCOUNT_IDS[turn % EACH],
            arn=ARNS[pick],
            address=ADDRESSES[turn % EACH],
            guid=GUIDS[turn % EACH],
        )
        more = f"{text}. Others: {CANARIES[(turn * 13) % 500]}, ({CANARIES[(turn * 29 + 5) % 500]}), {CANARIES[(turn * 7 + 2) % 500].upper()}"
        request = Request(principal=person, thread=f"local|{person.id}|{turn % 5}|", request_id=digest(turn)[:16])
        reply = await engine.workflow.hear(request, more if turn % 3 == 0 else text)
        planned += isinstance(reply, PlanView)
    await engine.planner.close()
    assert len(set(CANARIES)) == 500
    assert len(server.received) >= 75
    assert planned >= 10
    assert server.paths.count("/v1/plan") >= 10
    assert server.paths.count("/v1/playbooks/search") >= 5
    sent = b"\n".join(server.received)
    found = {(canary, form) for canary in CANARIES for form in forms(canary) if form in sent or form in sent.lower()}
    assert not found, "\n".join(map(str, found))
    assert b'"moment":{"hour":' in sent
    assert b"Tokyo" not in sent
    assert ACCOUNTS[Cloud.AWS].encode() not in sent
    assert b"local:ada" not in sent


def test_the_search_finds_what_it_looks_for():
    """The search would notice each canary in each of its forms."""
    for canary in CANARIES:
        raw = canary.strip("<@>")
        for told in (raw, quote(raw, safe=""), base64.b64encode(f"x{raw}y".encode()).decode()):
            assert any(form in f"before {told} after".encode() for form in forms(canary)), canary
