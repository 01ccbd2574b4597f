"""The agent server receives no secret and no identity: five hundred canaries, searched in every byte it was sent."""

import base64
import hashlib
from dataclasses import replace
from urllib.parse import quote, quote_plus

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
from tests.fakes.cloud_account import FakeCloudAccount
from tests.fakes.estate import MovableClock, WordEmbedder
from tests.fakes.recording_agent_server import recording
from tests.fakes.requests import ACCOUNTS, POLICY, thing

EACH = 50


def digest(*seed: object) -> str:
    """Letters and digits that appear nowhere else."""
    return hashlib.sha256(repr(seed).encode()).hexdigest()


def number(length: int, *seed: object) -> str:
    """Digits that appear nowhere else."""
    return str(int(digest(*seed), 16))[-length:].replace("0", "7")


NAMES = [
    (
        f"qx{digest('name', n)[:6]}-db-{n}",
        f"Qx {digest('name', n)[:7]} ({n})",
        f"qx{digest('name', n)[:7]}.corp_{n}",
        f"qx{digest('name', n)[:8]}",
    )[n % 4]
    for n in range(EACH)
]
MAILS = [f"{digest('mail', n)[:9]}@{digest('host', n)[:7]}.example" for n in range(EACH)]
KEYS = [f"AKIA{digest('key', n)[:16].upper()}" for n in range(EACH)]
SECRETS = [base64.b64encode(hashlib.sha256(f"s{n}".encode()).digest()[:30]).decode() for n in range(EACH)]
TOKENS = [
    (
        f"xoxb-{number(12, n)}-{digest('t', n)[:20]}",
        f"ghp_{digest('t', n)[:36]}",
        f"glpat-{digest('t', n)[:20]}",
        f"sk-ant-{digest('t', n)[:24]}",
    )[n % 4]
    for n in range(EACH)
]
USERS = [f"<@U{digest('user', n)[:10].upper()}>" if n % 2 else f"@qu{digest('user', n)[:8]}" for n in range(EACH)]
ACCOUNT_IDS = [number(12, "account", n) for n in range(EACH)]
ARNS = [f"arn:aws:iam::{number(12, 'arn', n)}:role/qr-{digest('arn', n)[:10]}" for n in range(EACH)]
ADDRESSES = [
    f"10.{n + 10}.{(n * 37) % 200 + 20}.{n + 101}" if n % 2 else f"2001:db8:{n + 0x1000:x}::{n + 0xABC0:x}"
    for n in range(EACH)
]
GUIDS = [
    "-".join((one[:8], one[8:12], one[12:16], one[16:20], one[20:32]))
    for one in (digest("guid", n) for n in range(EACH))
]
CANARIES = (*NAMES, *MAILS, *KEYS, *SECRETS, *TOKENS, *USERS, *ACCOUNT_IDS, *ARNS, *ADDRESSES, *GUIDS)

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
)


def home(clock):
    """An account whose machines carry canaries wherever something can be written."""
    account = FakeCloudAccount(Cloud.AWS, ACCOUNTS[Cloud.AWS], "main", clock)
    for n, name in enumerate(NAMES):
        tags = {
            "env": "dev",
            "team": MAILS[n],
            "data-class": TOKENS[n],
            "tier": SECRETS[n],
            "owner": MAILS[n],
            "note": f"{KEYS[n]} {USERS[n]} {ARNS[n]} {GUIDS[n]}",
            GUIDS[n]: ADDRESSES[n],
        }
        made = thing("ec2::instance", Cloud.AWS, f"i-{digest('id', n)[:17]}", state="running", **tags)
        facts = {
            **made.facts,
            "private_ip": ADDRESSES[n],
            "owner": ARNS[n],
            "engine": f"pg {MAILS[n]}",
            "engine_version": TOKENS[n],
            "log": SECRETS[n],
        }
        account.add(replace(made, name=name, facts=facts))
    return account


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
            )
        )
        engine.sync.run(embed=False)
        yield engine, server
        engine.close()


def forms(canary: str) -> set[bytes]:
    """A canary as it is, in lower case, URL-encoded, and the part of its base64 that does not depend on what stands before it."""
    raw = canary.strip("<@>")
    plain = {raw, raw.lower(), quote(raw, safe=""), quote_plus(raw), raw.replace("+", "\\u002b"), raw[1:]}
    found = {one.encode() for one in plain}
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw.encode())
        found.add(coded[4 if shift else 0 : -4])
        found.add(coded[4 if shift else 0 : -4].replace(b"+", b"-").replace(b"/", b"_"))
    return found


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
    sent = b"\n".join(server.received)
    found = {(canary, form) for canary in CANARIES for form in forms(canary) if form in sent or form in sent.lower()}
    assert not found, "\n".join(map(str, found))
    assert ACCOUNTS[Cloud.AWS].encode() not in sent
    assert b"local:ada" not in sent


def test_the_search_finds_what_it_looks_for():
    """The search would notice each canary in each of its forms."""
    for canary in CANARIES:
        raw = canary.strip("<@>")
        for told in (raw, quote(raw, safe=""), base64.b64encode(f"x{raw}y".encode()).decode()):
            assert any(form in f"before {told} after".encode() for form in forms(canary)), canary
