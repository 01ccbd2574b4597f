"""Requests for a change as the runner resolves them: one of each kind of thing, a policy, and what a good planner proposes."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from agent_server.agents.operations import propose
from agent_server.contract.intent import Action, Intent, IntentKind, Part
from agent_server.contract.plan import Limits, PlanReply, PlanRequest
from engine.approval.policy import Policy, parse
from engine.clouds.catalog import catalog
from engine.clouds.operation import Composite, Operation
from engine.estate.resource import Cloud, Resource
from engine.planning.admission import Asked
from engine.planning.context import facts, handles
from engine.principal import Principal
from engine.resolving import parameters

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ADA = Principal(id="local:ada")
CATALOG = catalog()
ACCOUNTS = {Cloud.AWS: "111122223333", Cloud.AZURE: "6f1c2d3e-0a1b-4c2d-8e3f-001122334455", Cloud.GCP: "acme-data"}
ACCOUNT_NAMES = {id_: cloud.value for cloud, id_ in ACCOUNTS.items()}
_REGIONS = {Cloud.AWS: "us-east-1", Cloud.AZURE: "westeurope", Cloud.GCP: "us-central1"}
_SIZES = {"rds::instance": "db.m5.large", "ec2::instance": "m5.large", "compute::virtualmachine": "Standard_B2s"}
_BIGGER = {"rds::instance": "db.m5.xlarge", "ec2::instance": "m5.xlarge", "compute::virtualmachine": "Standard_D4s_v5"}
FEATURES = {"s3::bucket": "versioning", "rds::instance": "deletion_protection"}

POLICY: Policy = parse(
    {
        "version": 1,
        "roles": {"platform": {"members": ["local:*"]}},
        "caps": {"max_targets": 50, "max_destroy": 10},
        "protected": {"tags": {"protected": ["yes"]}},
        "rule": [
            {
                "id": "all",
                "effect": "allow",
                "match": {"env": ["dev", "prod", "staging"]},
                "request": ["platform"],
                "approve": {"roles": ["platform"], "self": True},
            }
        ],
    },
    source="policy.toml",
)


def thing(type_: str, cloud: Cloud, name: str, *, state: str = "", **tags: str) -> Resource:
    """Return something of a kind as a scanner would read it, in dev unless its tags say otherwise."""
    account, region = ACCOUNTS[cloud], _REGIONS[cloud]
    kind = type_.partition("::")[2]
    ids = {
        Cloud.AWS: f"arn:aws:{type_.partition('::')[0]}:{region}:{account}:{kind}/{name}",
        Cloud.AZURE: f"/subscriptions/{account}/resourcegroups/g/providers/microsoft.compute/{kind}s/{name}",
        Cloud.GCP: f"projects/{account}/zones/{region}-a/{kind}s/{name}",
    }
    return Resource(
        id=ids[cloud],
        type=type_,
        cloud=cloud,
        account=account,
        region=region,
        zone=f"{region}-a",
        name=name,
        state=state,
        size=_SIZES.get(type_, "e2-medium"),
        tags=tags or {"env": "dev", "old": "1"},
        public=False,
        encrypted=False,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        facts={"policy": "", "acl": "private", "versioning": False, "deletion_protection": False, "size_gb": 40},
    )


def fitting(found: Operation | Composite, name: str) -> Resource:
    """Return something that the operation changes: not yet as it would make it."""
    states = sorted(found.from_states) if isinstance(found, Operation) else []
    usual = "available" if found.type == "rds::instance" else "stopped"
    made = thing(found.type, found.cloud, name, state=states[0] if states else usual)
    if found.action == "disable":
        return replace(made, facts={**made.facts, "versioning": True, "deletion_protection": True})
    if found.action == "make_private":
        return replace(made, public=True)
    return made


def said(found: Operation | Composite) -> dict[str, Any]:
    """Return the filters with which somebody asks for the operation."""
    return {
        "tag": {"set_tags": {"team": "payments"}},
        "untag": {"remove_tags": ["old"]},
        "resize": {"size_gb": 80}
        if found.type == "ec2::volume"
        else {"instance_type": _BIGGER.get(found.type, "e2-standard-4")},
        "enable": {"feature": FEATURES.get(found.type, "")},
        "disable": {"feature": FEATURES.get(found.type, "")},
    }.get(found.action, {})


def asked(*parts: tuple[str, dict[str, Any], list[Resource]], after: tuple[tuple[int, ...], ...] = ()) -> Asked:
    """Return a request of parts: verb, filters, and the resources the runner found."""
    return Asked(
        requester=ADA,
        origin="local:main",
        actions=tuple(verb for verb, _, _ in parts),
        targets=handles([found for _, _, found in parts]),
        account_names=ACCOUNT_NAMES,
        now=NOW,
        said=tuple(parameters(verb, filters) for verb, filters, _ in parts),
        after=after,
    )


def planned(*parts: tuple[str, dict[str, Any], list[Resource]], after: tuple[tuple[int, ...], ...] = ()) -> PlanReply:
    """Return what the offline planner proposes for a request."""
    waits = after or tuple(() for _ in parts)
    wire = [
        Part(
            action=Action(verb),
            resource_types=sorted({one.type for one in found}),
            filters=filters,
            after=list(waits[index]),
        )
        for index, (verb, filters, found) in enumerate(parts)
    ]
    first = wire[0]
    intent = Intent(
        intent=IntentKind.EXECUTE,
        action=first.action,
        resource_types=first.resource_types,
        filters=first.filters,
        parts=wire if len(wire) > 1 else [],
    )
    request = PlanRequest(
        request_id="t-1",
        text="",
        intent=intent,
        targets=[facts(target, lambda text: text) for target in handles([found for _, _, found in parts])],
        capabilities=list(CATALOG.ids()),
        limits=Limits(max_targets=50),
    )
    return propose(request)


SERVING = tuple(
    found
    for found in (*CATALOG.composites.values(), *CATALOG.operations.values())
    if found.action and CATALOG.serving(found.action, found.type, found.cloud) is found
)
