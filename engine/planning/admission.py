"""The only door between a proposal and a plan.

A proposal comes from a model and is treated as hostile: unknown operation or handle, a target outside what the person asked
about, an operation that serves another verb than the person's, a parameter out of bounds: refused, whole. What passes is
expanded, grouped by account, guarded, judged and frozen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from agent_server.contract.plan import Moment, ProposedPlan, ProposedStep
from engine.approval.policy import Policy
from engine.approval.requirement import Act, Circumstances, Requirement, environment, requirement
from engine.clouds.catalog import Catalog
from engine.clouds.operation import Composite, Operation, Params, Verdict
from engine.estate.environment import environment_of
from engine.estate.resource import Permitted, Resource
from engine.planning import expansion, labels, money, parameters, risk, sequence
from engine.planning.context import Target
from engine.planning.expansion import Draft
from engine.planning.following import Following, unfaithful
from engine.planning.plan import Plan, Step, Strategy, guard, new_plan_id, seal
from engine.principal import Principal
from engine.refusal import Refusal

MOST_STEPS = 200
_PROTECTIVE = {"delete": frozenset({"snapshot", "detach"})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the person asked, as the runner itself resolved it.

    Attributes:
        requester: Who.
        origin: Key of the thread.
        actions: The verb of each part; a target of part k may only get operations that serve it.
        targets: Everything that may be touched, by handle.
        account_names: Account id to the name of its settings entry.
        unread: How many cells could not be read again.
        now: When.
        moment: The hour and the weekday where people live, when that is known.
        said: The parameters that were said with each part; a proposal may use these and no others.
        after: For each part, the parts that must be wholly done before it begins.
        follow: The playbook that the person asked to follow; then the proposal is held against it instead of a verb.
    """

    requester: Principal
    origin: str
    actions: tuple[str, ...]
    targets: tuple[Target, ...]
    account_names: Mapping[str, str]
    now: datetime
    moment: Moment | None = None
    unread: int = 0
    said: tuple[Params, ...] = ()
    after: tuple[tuple[int, ...], ...] = ()
    follow: Following | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A plan with everything that was judged about it; all of it is kept with the plan."""

    plan: Plan
    requirement: Requirement
    risk: risk.Risk
    before: Mapping[str, Resource]
    money: money.Money | None
    acts: tuple[Act, ...]
    reversible: bool
    why_irreversible: tuple[str, ...] = field(default=())


def admit(
    proposal: ProposedPlan,
    asked: Asked,
    catalog: Catalog,
    policy: Policy,
    *,
    claimed: risk.Claimed = risk.NOTHING_CLAIMED,
) -> Admitted | Refusal:
    """Turn a proposal into a frozen plan, or say why not."""
    if len(proposal.steps) > MOST_STEPS:
        return _bad("too_many_steps", f"the proposal has {len(proposal.steps)} steps; at most {MOST_STEPS} are allowed")
    known = {target.handle: target for target in asked.targets}
    drafts: list[Draft] = []
    places: list[tuple[int, ...]] = []
    for index, step in enumerate(proposal.steps):
        checked = _checked(step, index, known, asked, catalog)
        if isinstance(checked, Refusal):
            return checked
        found, resources = checked
        before = tuple(place for earlier in step.depends_on for place in places[earlier])
        grown = expansion.expand(found, _plain(step.params), resources, after=before, offset=len(drafts))
        drafts.extend(grown)
        places.append(tuple(range(len(drafts) - len(grown), len(drafts))))
    if not drafts:
        return Refusal(
            code="plan.nothing_to_do",
            message="Everything you named is already so; there is nothing to do.",
            doors=("list them",),
        )
    plan_id = new_plan_id()
    drafts = [_complete(draft, catalog, plan_id) for draft in drafts]
    if refused := _sound(drafts, catalog) or _as_asked(proposal, known, asked, catalog):
        return refused
    if why := sequence.problem(proposal.steps, known, asked.after):
        return _bad("order", why)
    strategy = Strategy(
        parallel=proposal.strategy.parallel, canary=proposal.strategy.canary, on_failure=proposal.strategy.on_failure
    )
    return freeze(drafts, asked, catalog, policy, plan_id=plan_id, strategy=strategy, claimed=claimed)


def freeze(
    drafts: Sequence[Draft],
    asked: Asked,
    catalog: Catalog,
    policy: Policy,
    *,
    plan_id: str,
    strategy: Strategy,
    claimed: risk.Claimed = risk.NOTHING_CLAIMED,
) -> Admitted | Refusal:
    """Judge expanded steps by the policy and freeze them; the undo of a plan comes in here directly."""
    acts = _acts(drafts, asked, catalog, policy)
    before = {resource.id: resource for draft in drafts for resource in draft.targets}
    lasting = tuple(
        dict.fromkeys(
            operation.no_inverse_because or f"{operation.words[0].lower()} has no inverse"
            for operation in (catalog.operations[draft.operation] for draft in drafts)
            if operation.inverse is None
        )
    )
    judged = risk.assess(
        risk.Facts(
            acts=acts,
            before=before,
            reversible=not lasting,
            unread=asked.unread,
            denied=sum(_denied(draft.operation, resource) for draft in drafts for resource in draft.targets),
            actions=frozenset(catalog.operations[draft.operation].action for draft in drafts),
            moment=asked.moment,
            allowed=_allowed(drafts),
            untold=frozenset(
                one.id for one in before.values() if environment_of(one.tags, policy.environment_tags) is None
            ),
        ),
        claimed,
    )
    effect = money.effect(
        money.Change(action=catalog.operations[draft.operation].action, resource=resource, params=draft.params)
        for draft in drafts
        for resource in draft.targets
    )
    circumstances = Circumstances(
        now=asked.now, risk=judged.level.value, cost_per_day=effect.per_day if effect else 0.0
    )
    needs = requirement(acts, asked.requester, policy, circumstances)
    if isinstance(needs, Refusal):
        return needs
    plan = seal(
        plan_id=plan_id,
        requester=asked.requester.id,
        origin=asked.origin,
        steps=_steps(drafts, asked, catalog, plan_id),
        strategy=strategy,
        limits={"max_targets": policy.caps.max_targets},
        not_after=needs.expires_at,
        rollback="" if lasting else _rollback(drafts, catalog),
    )
    return Admitted(
        plan=plan,
        requirement=needs,
        risk=judged,
        before=before,
        money=effect,
        acts=acts,
        reversible=not lasting,
        why_irreversible=lasting,
    )


def _checked(
    step: ProposedStep, index: int, known: Mapping[str, Target], asked: Asked, catalog: Catalog
) -> tuple[Operation | Composite, tuple[Resource, ...]] | Refusal:
    found = catalog.operations.get(step.operation) or catalog.composites.get(step.operation)
    if found is None:
        return _bad("unknown_operation", f"step {index + 1} names {step.operation}, which Escher does not know")
    if len(set(step.targets)) != len(step.targets):
        return _bad("duplicate_target", f"step {index + 1} names a target twice")
    if any(not 0 <= earlier < index for earlier in step.depends_on):
        return _bad("order", f"step {index + 1} depends on a step that is not before it")
    for handle in step.targets:
        if refused := _misplaced(handle, index, found, known, asked):
            return refused
    if why := parameters.problem(found.params, step.params):
        return _bad("parameter", f"step {index + 1} ({found.id}): {why}")
    for part in {known[handle].part for handle in step.targets} if asked.follow is None else ():
        if why := parameters.unsaid(found.params, step.params, asked.said[part] if part < len(asked.said) else {}):
            return _bad("parameter", f"step {index + 1} ({found.id}): {why}")
    return found, tuple(known[handle].resource for handle in step.targets)


def _misplaced(
    handle: str, index: int, found: Operation | Composite, known: Mapping[str, Target], asked: Asked
) -> Refusal | None:
    """Refuse a target that was not asked about, or an operation that does not serve what was asked of it."""
    target = known.get(handle)
    if target is None:
        return _bad("unknown_target", f"step {index + 1} names {handle}, which was not asked about")
    if (target.resource.type, target.resource.cloud) != (found.type, found.cloud):
        return _bad("wrong_type", f"{found.id} does not act on a {target.resource.type}")
    if asked.follow is not None:
        return None
    wanted = asked.actions[target.part]
    if found.action != wanted and found.action not in _PROTECTIVE.get(wanted, frozenset()):
        return _bad("other_action", f"you asked to {wanted}, but the proposal would {found.action}")
    return None


def _as_asked(proposal: ProposedPlan, known: Mapping[str, Target], asked: Asked, catalog: Catalog) -> Refusal | None:
    """Hold the whole against what was asked for: the playbook where one is followed, else the verb."""
    if asked.follow is None:
        return _unaccompanied(proposal, known, asked, catalog)
    why = unfaithful(proposal.steps, known, asked.follow)
    return _bad("other_playbook", why) if why else None


def _unaccompanied(
    proposal: ProposedPlan, known: Mapping[str, Target], asked: Asked, catalog: Catalog
) -> Refusal | None:
    """Refuse what only prepares the asked action (a snapshot before a deletion) when the action itself does not follow it."""
    before = sequence.reach(proposal.steps)
    verbs = [
        (catalog.operations.get(step.operation) or catalog.composites[step.operation]).action for step in proposal.steps
    ]
    for index, step in enumerate(proposal.steps):
        for handle in step.targets:
            wanted = asked.actions[known[handle].part]
            followed = verbs[index] == wanted or any(
                verbs[later] == wanted and index in before[later] and handle in proposal.steps[later].targets
                for later in range(index + 1, len(proposal.steps))
            )
            if not followed:
                return _bad("other_action", f"you asked to {wanted}, but the proposal would only {verbs[index]}")
    return None


def _complete(draft: Draft, catalog: Catalog, plan_id: str) -> Draft:
    operation = catalog.operations.get(draft.operation)
    declared = operation.params if operation else ()
    return replace(draft, params=parameters.filled(declared, draft.params, plan_id))


def _sound(drafts: Sequence[Draft], catalog: Catalog) -> Refusal | None:
    """Hold every expanded step against its operation's declaration and the state its targets are in."""
    touched: set[str] = set()
    seen: set[tuple[str, str, str]] = set()
    for draft in drafts:
        operation = catalog.operations.get(draft.operation)
        if operation is None:
            return _bad(
                "unknown_operation", f"a composite expands into {draft.operation}, which is not in the catalogue"
            )
        if why := parameters.problem(operation.params, draft.params):
            return _bad("parameter", f"{operation.id}: {why}")
        for resource in draft.targets:
            key = (draft.operation, resource.id, repr(sorted(draft.params.items())))
            if key in seen:
                return _bad("duplicate_step", f"{operation.id} would run twice on {resource.name}")
            seen.add(key)
            if resource.id in touched:
                continue
            if operation.from_states and resource.state not in operation.from_states:
                return Refusal(
                    code="plan.state",
                    message=f"{resource.name} is {resource.state or 'in an unknown state'}; "
                    f"{operation.words[0].lower()} wants {' or '.join(sorted(operation.from_states))}.",
                    doors=("sync", "list them"),
                )
        touched.update(resource.id for resource in draft.targets)
    return None


def _acts(drafts: Sequence[Draft], asked: Asked, catalog: Catalog, policy: Policy) -> tuple[Act, ...]:
    """Return every operation on every target as the policy sees it.

    What changes tags acts on the target as it was and as it will be, so that nothing is taken out of an environment, or put
    into one, by the rules of the other; and whatever follows in the same plan is held to both, too.
    """
    acts: list[Act] = []
    tags: dict[str, Mapping[str, str]] = {}
    for draft in drafts:
        for resource in draft.targets:
            tags[resource.id] = labels.after(tags.get(resource.id, resource.tags), draft.params)
            act = _act(draft, resource, asked, catalog, policy)
            acts.append(act)
            if tags[resource.id] != resource.tags:
                env = environment(tags[resource.id], policy.environment_tags)
                acts.append(replace(act, tags=tags[resource.id], env=env))
    return tuple(acts)


def _act(draft: Draft, resource: Resource, asked: Asked, catalog: Catalog, policy: Policy) -> Act:
    operation = catalog.operations[draft.operation]
    return Act(
        operation=operation.id,
        effect=operation.effect,
        exposes=operation.weakens(draft.params),
        target=resource.id,
        name=resource.name,
        cloud=resource.cloud,
        account=resource.account,
        account_name=asked.account_names.get(resource.account, resource.account),
        env=environment(resource.tags, policy.environment_tags),
        tags=resource.tags,
    )


def _steps(drafts: Sequence[Draft], asked: Asked, catalog: Catalog, plan_id: str) -> tuple[Step, ...]:
    return tuple(
        Step(
            id=f"s{number}",
            operation=draft.operation,
            replay=catalog.operations[draft.operation].replay,
            credential=asked.account_names.get(draft.targets[0].account, draft.targets[0].account),
            targets=tuple(sorted(resource.id for resource in draft.targets)),
            params=_named(catalog.operations[draft.operation], draft.params, plan_id),
            depends_on=tuple(f"s{place + 1}" for place in draft.after),
            preconditions={resource.id: guard(resource) for resource in draft.targets},
        )
        for number, draft in enumerate(drafts, 1)
    )


def _named(operation: Operation, params: Params, plan_id: str) -> Params:
    """Fill in the plan's id where the operation derives a name from it and the proposal gave none."""
    return {**{param.name: plan_id for param in operation.params if param.from_plan}, **params}


def _rollback(drafts: Sequence[Draft], catalog: Catalog) -> str:
    verbs = dict.fromkeys(
        catalog.operations[operation.inverse.operation].words[0].lower()
        for operation in (catalog.operations[draft.operation] for draft in reversed(drafts))
        if operation.inverse
    )
    count = len({resource.id for draft in drafts for resource in draft.targets})
    of = "of " if any(verb.endswith(" of") for verb in verbs) else ""
    return f"{', then '.join(verb.removesuffix(' of') for verb in verbs)} {of}the same {count}"


def _plain(params: Mapping[str, Any]) -> Params:
    """Take parameters that were checked against their declaration as what they are."""
    return dict(params)


def _allowed(drafts: Sequence[Draft]) -> int:
    """Return of how many targets every operation is known to be permitted."""
    uses = {(resource.id, draft.operation): resource for draft in drafts for resource in draft.targets}
    every = {id_ for id_, _ in uses}
    return len(every - {key[0] for key, one in uses.items() if one.permissions.get(key[1]) is not Permitted.ALLOWED})


def _denied(operation: str, resource: Resource) -> bool:
    return resource.permissions.get(operation) is Permitted.DENIED


def already(operation: Operation, resource: Resource, params: Params) -> bool:
    """Say whether the resource is already as the operation would make it."""
    return operation.verdict(resource, params) is Verdict.DONE


def _bad(code: str, why: str) -> Refusal:
    return Refusal(
        code=f"plan.{code}",
        message=f"I do not accept the plan that was proposed: {why}. Nothing was done.",
        doors=("say it in other words", "name the resources"),
    )
