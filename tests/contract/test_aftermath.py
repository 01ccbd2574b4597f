"""After an execution with failures the result says what to do next; it never waits long for that, and never needs it."""

import asyncio

import pytest

from bot.views.progress import result_card
from engine.approval.approval import Ballot, Verdict
from engine.core import Parts, open_engine
from engine.estate.resource import Cloud
from engine.execution.aftermath import Aftermath
from engine.planning.planner import HttpPlanner
from engine.planning.wire import DEADLINE_SECONDS
from engine.playbooks.server import HttpPlaybooks
from engine.principal import Principal
from engine.proposing import Request
from engine.replies import PlanView
from engine.storage.master import FileKey
from tests.fakes.canaries import CANARIES, Billed, digest, forms
from tests.fakes.estate import MovableClock, WordEmbedder
from tests.fakes.recording_agent_server import recording
from tests.fakes.requests import ACCOUNTS, POLICY, thing

ADA = Principal(id="local:ada", display="Ada")


@pytest.fixture
async def engine_and_server(tmp_path):
    """An engine over an account that refuses to restart anything."""
    clock = MovableClock()
    account = Billed(Cloud.AWS, ACCOUNTS[Cloud.AWS], "main", clock)
    account.add(thing("ec2::instance", Cloud.AWS, f"qx{digest('stubborn')[:8]}", state="running", env="dev"))
    master = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    master.create()
    with recording() as server:
        engine = open_engine(
            Parts(
                data_dir=tmp_path / "data",
                database_url="",
                master=master,
                accounts=[account],
                planner=HttpPlanner(server.url),
                playbooks=HttpPlaybooks(server.url),
                policy=lambda: POLICY,
                embedder=WordEmbedder(),
                tag_keys=("env",),
                clock=clock,
            )
        )
        engine.sync.run(embed=False)
        yield engine, server
        await engine.planner.close()
        engine.close()


async def failed(engine):
    """Restart the machine, approved, and return what came of it."""
    request = Request(principal=ADA, thread="local||main|1", request_id="t-1")
    view = await engine.workflow.hear(request, "restart all dev ec2 instances")
    assert isinstance(view, PlanView), view
    plan = view.kept.admitted.plan
    ballot = Ballot(principal=ADA, verdict=Verdict.APPROVED, digest=plan.digest, at=engine.clock())
    decided = await engine.workflow.decide(plan.plan_id, ballot)
    assert isinstance(decided, PlanView), decided
    await engine.workflow.running.wait(plan.plan_id)
    past = await asyncio.to_thread(engine.workflow.running.past, plan.plan_id)
    return past.kept, past.execution


async def test_a_denied_execution_says_which_right_is_missing(engine_and_server):
    """On the result card, in real names; what was sent holds no identity."""
    engine, server = engine_and_server
    kept, execution = await failed(engine)
    await engine.workflow.aftermath.ask(kept, execution)
    advice = engine.workflow.aftermath.known(execution)
    assert "the right to restart (ec2.reboot_instances)" in advice[0].text
    card = result_card(kept, execution, (), engine.workflow.catalog, audit_seq=None, now=engine.clock(), advice=advice)
    assert "ec2.reboot_instances" in card.notes[0].text[0].text
    assert "/v1/assess" in server.paths
    sent = b"\n".join(server.received)
    stubborn = f"qx{digest('stubborn')[:8]}"
    assert not [form for one in (*CANARIES, stubborn, ACCOUNTS[Cloud.AWS]) for form in forms(one) if form in sent]


async def test_it_is_asked_once_and_not_for_what_succeeded(engine_and_server):
    """A card that is drawn again costs nothing."""
    engine, server = engine_and_server
    kept, execution = await failed(engine)
    for _ in range(3):
        await engine.workflow.aftermath.ask(kept, execution)
    assert server.paths.count("/v1/assess") == 1


async def test_a_deaf_or_absent_server_costs_far_less_than_its_deadline_and_nothing_else(engine_and_server):
    """The result stands without advice."""
    engine, _ = engine_and_server
    kept, execution = await failed(engine)

    async def silent(reader, writer):
        await reader.read()
        writer.close()

    deaf = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = deaf.sockets[0].getsockname()[1]
    for url in (f"http://127.0.0.1:{port}", "http://127.0.0.1:9"):
        planner = HttpPlanner(url)
        lonely = Aftermath(planner, engine.workflow.understanding.redactor, ("env",))
        async with asyncio.timeout(DEADLINE_SECONDS / 2):
            await lonely.ask(kept, execution)
        assert lonely.known(execution) == ()
        await planner.close()
    deaf.close()
    await deaf.wait_closed()
