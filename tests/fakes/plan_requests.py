"""Requests for plans and intents, as a runner would send them."""

from typing import Any

from agent_server.contract.intent import Action, Intent, IntentKind, IntentRequest, Scope
from agent_server.contract.plan import Limits, PlanRequest, TargetFacts

EC2 = "ec2::instance"
STATES = {"start": "stopped", "resize": "stopped"}


def target(handle: str, **facts: Any) -> TargetFacts:
    """Return a running EC2 instance of dev, unless told otherwise."""
    known: dict[str, Any] = {
        "type": EC2,
        "cloud": "aws",
        "region": "us-east-1",
        "state": "running",
        "tags": {"env": "dev"},
    }
    return TargetFacts(handle=handle, **{**known, **facts})


def targets(count: int, **facts: Any) -> list[TargetFacts]:
    """Return `r1..rn`."""
    return [target(f"r{index}", **facts) for index in range(1, count + 1)]


def intent(action: str = "stop", **fields: Any) -> Intent:
    """Return an order about dev EC2 instances, unless told otherwise."""
    known: dict[str, Any] = {
        "intent": IntentKind.EXECUTE,
        "cloud": Scope.AWS,
        "action": Action(action),
        "resource_types": [EC2],
        "filters": {"tags": {"env": "dev"}},
    }
    return Intent(**{**known, **fields})


def plan_request(
    about: Intent, on: list[TargetFacts], *capabilities: str, text: str = "", limits: Limits | None = None
) -> PlanRequest:
    """Return a request for a plan."""
    return PlanRequest(
        request_id="t-1",
        text=text,
        intent=about,
        targets=on,
        capabilities=list(capabilities),
        limits=limits or Limits(),
    )


def said(text: str, **fields: Any) -> IntentRequest:
    """Return a message."""
    return IntentRequest(request_id="t-1", text=text, **fields)
