"""What the agent server will never take is refused once, with its reason; what it could not take just now is kept."""

import httpx
import pytest

from engine.core import Parts, open_engine
from engine.planning.planner import HttpPlanner
from engine.playbooks.server import HttpPlaybooks
from engine.principal import Principal
from engine.proposing import Request
from engine.refusal import Refusal
from engine.replies import Unavailable
from engine.storage.master import FileKey
from tests.fakes.estate import MovableClock, WordEmbedder
from tests.fakes.requests import POLICY


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (422, {"code": "credential", "detail": "the request holds what looks like a credential"}, Refusal),
        (404, {"code": "not_found", "detail": "see /openapi.json for what there is"}, Refusal),
        (404, {}, Unavailable),
        (503, {"code": "unavailable", "detail": "the model"}, Unavailable),
        (401, {"code": "unauthorized", "detail": "log in"}, Unavailable),
    ],
)
async def test_a_message_is_refused_or_kept_by_what_the_agent_server_said(status, body, kind, tmp_path):
    """A message that was refused is not tried again and again."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(status, json=body))
    master = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    master.create()
    engine = open_engine(
        Parts(
            data_dir=tmp_path / "data",
            database_url="",
            master=master,
            accounts=[],
            planner=HttpPlanner("http://agent", transport=transport),
            playbooks=HttpPlaybooks("http://agent", transport=transport),
            policy=lambda: POLICY,
            embedder=WordEmbedder(),
            tag_keys=(),
            clock=MovableClock(),
        )
    )
    try:
        request = Request(principal=Principal(id="local:ada"), thread="local||main|1", request_id="t-1")
        reply = await engine.workflow.hear(request, "stop all dev vms")
        assert isinstance(reply, kind), reply
        if isinstance(reply, Refusal):
            assert body["detail"] in reply.message
    finally:
        await engine.planner.close()
        await engine.playbooks.close()
        engine.close()
