"""The figures that go to the agent server for an answer hold no identity, and the answer comes back with names in it."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.answering import Idle
from engine.core import Parts, open_engine
from engine.estate.resource import Cloud
from engine.planning.planner import HttpPlanner
from engine.playbooks.server import HttpPlaybooks
from engine.principal import Principal
from engine.proposing import Request
from engine.refusal import Refusal
from engine.replies import Answered
from engine.reports.handles import Handles
from engine.reports.morning import Morning
from engine.reports.snapshot import of_parts
from engine.storage.master import FileKey
from tests.fakes.canaries import ARNS, CANARIES, MAILS, NAMES, Billed, Unbilled, digest, forms, number
from tests.fakes.estate import MovableClock, WordEmbedder
from tests.fakes.recording_agent_server import recording
from tests.fakes.requests import POLICY, thing

PAYER, OTHER = number(12, "payer"), number(12, "other payer")
PAYER_NAME, OTHER_NAME = f"qa{digest('payer name')[:9]}", f"qb{digest('other name')[:9]}"
ASKED = (
    "why did spending go up 17%?", "top 3 services by cost", "cost by account this month", "are we over budget", "forecast for this month",
    "how much would we save", "explain row 1", "explain row 2", "which of the findings are in prod", "which rows in the report are idle",
    "summarise the report", "what changed in the report", "what could you not see in the report", "what did we spend yesterday",
    "cost by team this month", "cost by owner this month", "cost by team and region", "which team's spend grew the most", "how much is untagged",
    "cost by region this month", "which day was the most expensive this month and why", f"what did the {NAMES[3]} team spend this month",
    f"cost of account {PAYER_NAME} this month", f"how much did {PAYER_NAME} cost yesterday",
)  # fmt: skip


@pytest.fixture
async def engine_and_server(tmp_path):
    """An engine over two accounts with canaries in them, after a morning report, talking to a server that records."""
    clock = MovableClock()
    billed = Billed(Cloud.AWS, PAYER, PAYER_NAME, clock)
    billed.fill()
    unbilled = Unbilled(Cloud.GCP, OTHER, OTHER_NAME, clock)
    master = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    master.create()
    with recording() as server:
        engine = open_engine(
            Parts(
                data_dir=tmp_path / "data",
                database_url="",
                master=master,
                accounts=[billed, unbilled],
                planner=HttpPlanner(server.url),
                playbooks=HttpPlaybooks(server.url),
                policy=lambda: POLICY,
                embedder=WordEmbedder(),
                tag_keys=("env", "team", "tier", "data-class"),
                clock=clock,
            )
        )
        engine.workflow.asking.budget = 5000.0
        engine.sync.run(embed=False)
        morning = Morning(
            estate=engine.estate,
            accounts=engine.accounts,
            idle=Idle(engine.accounts, clock),
            reports=engine.record.reports,
            ledger=engine.workflow.asking.ledger,
            budget=5000.0,
            clock=clock,
        )
        yield engine, server, morning
        await engine.planner.close()
        engine.close()


async def hear(engine, text, thread="local||main|1"):
    """Ask as somebody."""
    person = Principal(id="local:ada", display="Ada")
    return await engine.workflow.hear(Request(principal=person, thread=thread, request_id=digest(text)[:16]), text)


async def test_snapshots_hold_no_identity_and_answers_have_names(engine_and_server):
    """Every question about a report and about money, asked with a report in the channel and without one."""
    engine, server, morning = engine_and_server
    report = await morning.make("morning-1")
    assert report.idle
    assert report.public
    engine.workflow.asking.delivered.remember("local||main|", report.id)
    for thread in ("local||main|1", "local||elsewhere|1"):
        for text in ASKED:
            reply = await hear(engine, text, thread)
            assert isinstance(reply, Answered), (text, reply)
    named = await hear(engine, "which rows in the report are idle")
    assert any(name in " ".join(named.paragraphs) for name in NAMES)
    by_account = await hear(engine, "cost by account this month")
    assert PAYER_NAME in " ".join(by_account.paragraphs)
    for way in ("team", "owner"):
        by_tag = await hear(engine, f"cost by {way} this month")
        assert MAILS[1] in " ".join(by_tag.paragraphs)
        assert NAMES[3] in " ".join(by_tag.paragraphs)
    unseen = await hear(engine, "what could you not see in the report")
    assert OTHER_NAME in " ".join(unseen.paragraphs)
    assert ARNS[0] in " ".join(unseen.paragraphs)
    sent = b"\n".join(server.received)
    assert server.paths.count("/v1/answer") > 2 * len(ASKED)
    assert b"Amazon Simple Storage Service" in sent
    identities = (*CANARIES, PAYER, OTHER, PAYER_NAME, OTHER_NAME)
    found = {(one, form) for one in identities for form in forms(one) if form in sent or form in sent.lower()}
    assert not found, "\n".join(map(str, found))


def test_handles_are_put_back_only_where_they_are_handles():
    """`r5.large` is a size, and a handle that was never given stays what it is."""
    handles = Handles()
    assert handles.of("arn:1", "web-1") == handles.of("arn:1", "web-1") == "r1"
    assert handles.of("arn:2", "db") == "r2"
    assert handles.restore("r1 (r5.large), my-r1, r2.") == "web-1 (r5.large), my-r1, db."
    assert handles.restore_all({"a": ["r1", 3]}) == {"a": ["web-1", 3]}
    assert handles.restore("r99") == "r99"
    assert (handles.key("r2"), handles.key("r9")) == ("arn:2", "")


async def test_the_cost_of_an_account_by_its_name_is_that_of_the_account(engine_and_server):
    """The name goes as a pseudonym and comes back as what narrows the figures; of another account there are none."""
    engine, server, _ = engine_and_server
    paid = await hear(engine, f"cost of account {PAYER_NAME} this month")
    unpaid = await hear(engine, f"cost of account {OTHER_NAME} this month")
    assert paid.known
    assert not unpaid.known
    assert PAYER_NAME.encode() not in b"".join(server.received)


async def test_the_day_of_the_question_goes_along(engine_and_server):
    """So that the last month of a first of a month is the one that has just ended, whatever the figures reach to."""
    engine, server, _ = engine_and_server
    await hear(engine, "how much did we spend last month")
    today = engine.workflow.asking._clock().date()
    assert f'"today":"{today.isoformat()}"'.encode() in server.received[-1].replace(b" ", b"")


async def test_an_account_that_is_late_is_said_to_be_missing_in_the_newest_days(engine_and_server):
    """By its name in the answer and in the morning report, without it on the wire."""
    engine, server, morning = engine_and_server
    billed, other = engine.accounts
    last = engine.workflow.asking._clock().date() - timedelta(days=4)

    def costs(*, start, end, grouping):
        lines = billed.costs(start=start, end=end, grouping=grouping)
        return tuple(replace(one, account=other.account) for one in lines if one.day <= last)

    other.costs = costs
    reply = await hear(engine, "what did we spend yesterday")
    missing = f"{OTHER_NAME} after {last.day} {last:%B} (its cloud has not told them yet)"
    assert f"Not counted: cost figures of {missing}." in reply.paragraphs
    report = await morning.make("morning-2")
    assert report.cost.unknown == (missing,)
    assert OTHER_NAME.encode() not in b"".join(server.received)


async def test_bills_are_added_up_beside_the_event_loop(engine_and_server, monkeypatch):
    """A year of many accounts takes seconds, in which clicks and other questions are heard."""
    engine, _, _ = engine_and_server
    seen = []

    def watched(*given, **more):
        seen.append(threading.current_thread() is threading.main_thread())
        return of_parts(*given, **more)

    monkeypatch.setattr("engine.asking.of_parts", watched)
    reply = await hear(engine, "cost by region this year")
    assert reply.known
    assert seen == [False]


async def test_a_bill_is_asked_for_a_tag_as_its_account_spells_it(engine_and_server):
    """To Cost Explorer `team` is not `Team`, and everything would have been without a team."""
    engine, _, _ = engine_and_server
    billed, _ = engine.accounts
    machine = thing("ec2::instance", Cloud.AWS, "i-0123456789abcdef0", state="running")
    billed.add(replace(machine, account=PAYER, tags={"Team": NAMES[3]}))
    engine.sync.run(embed=False)
    asked, costs = [], billed.costs

    def watched(**given):
        asked.append(given["grouping"].tag)
        return costs(**given)

    billed.costs = watched
    reply = await hear(engine, "cost by team this month")
    assert NAMES[3] in " ".join(reply.paragraphs)
    assert asked == ["Team"]


async def test_an_account_that_is_not_connected_is_said_to_be_so(engine_and_server):
    """And not that no account has a cost source; nothing is asked of any cloud."""
    engine, server, _ = engine_and_server
    before = server.paths.count("/v1/answer")
    reply = await hear(engine, "what did account zz-nowhere spend this month")
    assert isinstance(reply, Refusal)
    assert reply.code == "cost.account"
    assert "zz-nowhere" in reply.message
    assert PAYER_NAME in reply.message
    assert server.paths.count("/v1/answer") == before
